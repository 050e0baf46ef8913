namespace Gateway.Api.Entries;

/// <summary>What to change of an entry; what is absent stays. A null is refused: nothing of this can be taken away (RFC 7396).</summary>
internal sealed record EntryPatchDocument
{
    /// <summary>Modification time as RFC 3339 writes it, <c>2026-01-31T12:00:00Z</c>, from 1970 to 2106; fractions of a second are dropped.</summary>
    public string Modified { get; init; } = null!;

    /// <summary>Permission bits in octal, as <c>0644</c>.</summary>
    public string Permissions { get; init; } = null!;
}
