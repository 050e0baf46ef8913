namespace Gateway.Broker.Backends;

/// <summary>What a symbolic link may do for a caller.</summary>
public enum SymlinkPolicy
{
    /// <summary>Followed where it ends below the backend's root, else refused.</summary>
    WithinRoot,

    /// <summary>Followed wherever it leads.</summary>
    Follow,

    /// <summary>Never followed.</summary>
    Refuse,
}
