using Gateway.Api.Entries;
using Gateway.Api.Errors;

namespace Gateway.Api.Directories;

/// <summary>One page of a folder.</summary>
internal sealed record ListingDocument
{
    /// <summary>The backend.</summary>
    public required string Backend { get; init; }

    /// <summary>The folder.</summary>
    public required string Path { get; init; }

    /// <summary>Its entries in the order that was asked for.</summary>
    public required IReadOnlyList<EntryDocument> Entries { get; init; }

    /// <summary>Folders of the tree that the account may not read, the first hundred of them; empty unless <c>recursive=true</c>.</summary>
    public required IReadOnlyList<ProblemDocument> Unreadable { get; init; }

    /// <summary>What to give as <c>after</c> for the next page; null on the last.</summary>
    public required string? Next { get; init; }
}
