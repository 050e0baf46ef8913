namespace Gateway.Benchmarks.Peers;

/// <summary>A peer that serves HTTP.</summary>
internal abstract class HttpPeer : Peer
{
    /// <summary>Where it listens.</summary>
    public abstract Uri Address { get; }

    /// <summary>The request target of a file, by its path below the served folder.</summary>
    public abstract string GetFile(string path);

    /// <summary>The request target of a folder's listing.</summary>
    public abstract string GetFolder(string path);
}
