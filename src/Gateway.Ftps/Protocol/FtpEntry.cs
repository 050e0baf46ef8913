namespace Gateway.Ftps.Protocol;

/// <summary>One entry as a server lists it. The name is untrusted.</summary>
internal readonly record struct FtpEntry
{
    /// <summary>The name; bytes that are no UTF-8 are replaced.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the name's bytes were UTF-8, so that <see cref="Name"/> names the entry.</summary>
    public bool IsUtf8 { get; init; }

    public required FtpEntryType Type { get; init; }

    /// <summary>Bytes; null where the server does not say, and for folders.</summary>
    public long? Size { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>To the minute or the day, in a time zone that is only assumed: a LIST line.</summary>
    public bool IsModifiedApproximate { get; init; }

    /// <summary>0 to 0o7777.</summary>
    public int? Permissions { get; init; }
}
