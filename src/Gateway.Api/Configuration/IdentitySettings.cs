namespace Gateway.Api.Configuration;

/// <summary>The <c>Identity</c> section in the form that is used.</summary>
internal sealed record IdentitySettings
{
    /// <summary>Nobody is let in.</summary>
    public static IdentitySettings Nobody { get; } = new() { Anonymous = false };

    /// <summary>Whether callers without a credential are let in, with every right.</summary>
    public required bool Anonymous { get; init; }

    /// <summary>Whether anybody can be let in at all.</summary>
    public bool LetsAnybodyIn => Anonymous;
}
