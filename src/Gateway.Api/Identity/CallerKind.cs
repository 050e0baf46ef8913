namespace Gateway.Api.Identity;

/// <summary>How a caller is known.</summary>
internal enum CallerKind
{
    /// <summary>Not at all, where <c>Identity:Anonymous</c> lets everybody in.</summary>
    Anonymous,

    /// <summary>By a key of <c>Identity:ApiKeys</c>.</summary>
    ApiKey,

    /// <summary>By a token of the authority at <c>Identity:Jwt</c>.</summary>
    Token,

    /// <summary>By a presigned link: one path, one verb.</summary>
    Link,
}
