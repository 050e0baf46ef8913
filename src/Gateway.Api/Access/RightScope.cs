namespace Gateway.Api.Access;

/// <summary>What the right that a route needs is about.</summary>
internal enum RightScope
{
    /// <summary>The path in the URL.</summary>
    Path,

    /// <summary>Something in the folder that the URL names: its handler asks for each.</summary>
    Within,

    /// <summary>The backend, on which the caller needs any right at all: what else, its handler asks for.</summary>
    Backend,

    /// <summary>Nothing but to be known: the handler shows each caller its own.</summary>
    Caller,

    /// <summary>The gateway itself: <see cref="AccessRights.IsAdministrator"/>.</summary>
    Gateway,
}
