namespace Gateway.Api.Moves;

/// <summary>A rename within one backend.</summary>
internal sealed record MoveDocument
{
    /// <summary>The path of what is moved, not percent-encoded.</summary>
    public required string From { get; init; }

    /// <summary>The path that it gets.</summary>
    public required string To { get; init; }

    /// <summary>Whether a file in the way is replaced; a folder never is.</summary>
    public bool Overwrite { get; init; }
}
