using Gateway.Broker.Backends;

namespace Gateway.Api.Backends;

/// <summary>What a server can do.</summary>
internal sealed record CapabilitiesDocument
{
    /// <summary>An upload replaces a file in one step.</summary>
    public required bool AtomicReplace { get; init; }

    /// <summary>An upload that must not replace anything is refused in one step.</summary>
    public required bool AtomicCreate { get; init; }

    /// <summary>The modification time of a file can be set.</summary>
    public required bool SetModified { get; init; }

    /// <summary>Permission bits can be set.</summary>
    public required bool SetPermissions { get; init; }

    /// <summary>Uploads are flushed to the server's disk before they get their name.</summary>
    public required bool Fsync { get; init; }

    /// <summary>The server copies files by itself.</summary>
    public required bool ServerSideCopy { get; init; }

    /// <summary>Links are told from what they point to, and kept below the root.</summary>
    public required bool ResolvesSymlinks { get; init; }

    /// <summary>Listings carry exact sizes and times.</summary>
    public required bool ExactListings { get; init; }

    /// <summary>The document of <paramref name="capabilities"/>.</summary>
    public static CapabilitiesDocument Of(BackendCapabilities capabilities) => new()
    {
        AtomicReplace = capabilities.AtomicReplace,
        AtomicCreate = capabilities.AtomicCreate,
        SetModified = capabilities.SetModified,
        SetPermissions = capabilities.SetPermissions,
        Fsync = capabilities.Fsync,
        ServerSideCopy = capabilities.ServerSideCopy,
        ResolvesSymlinks = capabilities.ResolvesSymlinks,
        ExactListings = capabilities.ExactListings,
    };
}
