using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Entries;

/// <summary>One file, folder or link.</summary>
internal readonly record struct EntryDocument
{
    /// <summary>The last segment of the path. A name that cannot be used in a path is shown with its odd characters escaped.</summary>
    public required string Name { get; init; }

    /// <summary>The path on the backend, not percent-encoded; null where the name cannot be used in one.</summary>
    public required string? Path { get; init; }

    /// <summary>What it is. Links are told as links.</summary>
    public required RemoteEntryType Type { get; init; }

    /// <summary>Bytes; null where the server does not say, as for folders on many servers.</summary>
    public required long? Size { get; init; }

    /// <summary>Modification time, UTC; null where the server does not say.</summary>
    public required DateTime? Modified { get; init; }

    /// <summary>Permission bits in octal, as <c>0644</c>; null where the server does not say.</summary>
    public required string? Permissions { get; init; }

    /// <summary>The entity tag of a file's content; null for everything else, and where the server tells too little.</summary>
    public required string? Etag { get; init; }

    /// <summary>The document of <paramref name="entry"/>.</summary>
    /// <param name="backend">The backend's name.</param>
    /// <param name="path">The entry's path; null where its name cannot be used in one.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The time.</param>
    public static EntryDocument Of(string backend, RemotePath? path, in RemoteEntry entry, DateTimeOffset now) => new()
    {
        Name = path is { IsRoot: true } ? "/" : entry.Name,
        Path = path?.Value,
        Type = entry.Type,
        Size = entry.Size,
        Modified = entry.Modified?.UtcDateTime,
        Permissions = entry.Permissions is { } bits ? Octal(bits) : null,
        Etag = path is { } known ? EntryTag.Format(backend, known, entry, now) : null,
    };

    private static string Octal(int bits) => string.Create(4, bits, static (text, value) =>
    {
        for (var i = 3; i >= 0; i--)
        {
            text[i] = (char)('0' + (value & 7));
            value >>= 3;
        }
    });
}
