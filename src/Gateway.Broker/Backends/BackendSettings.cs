namespace Gateway.Broker.Backends;

/// <summary>
/// The part of a backend's configuration that every driver needs; a driver's own part is its options class. Immutable: a
/// changed configuration makes a new one.
/// </summary>
public sealed record BackendSettings
{
    /// <summary>The name callers use in URLs.</summary>
    public required string Name { get; init; }

    /// <summary>Host name or IP address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port; the driver's default where none is configured.</summary>
    public required int Port { get; init; }

    /// <summary>Account name.</summary>
    public required string Username { get; init; }

    /// <summary>Password, from <c>Password</c> or <c>PasswordFile</c>; null where the account has none.</summary>
    public Secret? Password { get; init; }

    /// <summary>Absolute path on the server that is <see cref="RemotePath.Root"/> to callers; null or empty for the login folder.</summary>
    public string? Root { get; init; }

    /// <summary>Symlink policy.</summary>
    public SymlinkPolicy Symlinks { get; init; }

    /// <summary>Longest time from the start of opening a connection to its being ready.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time for the server to answer one request.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time without progress in a transfer.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
