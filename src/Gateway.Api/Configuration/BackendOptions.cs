using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Configuration;

/// <summary>One entry of <c>Gateway:Backends</c>; the protocol's own section is bound to the driver's options class.</summary>
internal sealed class BackendOptions
{
    /// <summary>Which driver: <c>sftp</c> or <c>ftps</c>.</summary>
    public string? Protocol { get; set; }

    /// <summary>Host name or IP address.</summary>
    public string? Host { get; set; }

    /// <summary>TCP port; null for the driver's default.</summary>
    public int? Port { get; set; }

    /// <summary>Account name.</summary>
    public string? Username { get; set; }

    /// <summary>The password itself; better kept in a file.</summary>
    public Secret? Password { get; set; }

    /// <summary>File that holds the password.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Absolute path on the server that callers see as <c>/</c>; null for the login folder.</summary>
    public string? Root { get; set; }

    /// <summary>Whether every write is refused.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Connections.</summary>
    public PoolOptions Pool { get; set; } = new();

    /// <summary>Transfers.</summary>
    public TransferOptions Transfers { get; set; } = new();

    /// <summary>Listings.</summary>
    public ListingOptions Listing { get; set; } = new();

    /// <summary>What a symbolic link may do for a caller.</summary>
    public SymlinkPolicy Symlinks { get; set; } = SymlinkPolicy.WithinRoot;
}
