using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes.Memory;

/// <summary>One entry of a <see cref="MemoryBackend"/>.</summary>
public sealed record MemoryNode
{
    public required RemoteEntryType Type { get; init; }

    /// <summary>A file's bytes.</summary>
    public byte[] Content { get; init; } = [];

    /// <summary>A link's target, absolute.</summary>
    public RemotePath? Target { get; init; }

    public DateTimeOffset? Modified { get; init; }

    public bool IsModifiedApproximate { get; init; }

    public int? Permissions { get; init; }

    /// <summary>False: the server does not tell the size.</summary>
    public bool HasSize { get; init; } = true;

    /// <summary>What the server announces instead of the real size.</summary>
    public long? ClaimedSize { get; init; }

    internal RemoteEntry Describe(string name) => new()
    {
        Name = name,
        Type = Type,
        Size = HasSize && Type == RemoteEntryType.File ? ClaimedSize ?? Content.Length : null,
        Modified = Modified,
        IsModifiedApproximate = IsModifiedApproximate,
        Permissions = Permissions,
        IsAddressable = true,
    };
}
