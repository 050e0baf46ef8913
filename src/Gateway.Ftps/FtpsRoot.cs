using Gateway.Broker.Backends;

namespace Gateway.Ftps;

/// <summary>Where the backend's root lies on the server. Every command gets an absolute path made here.</summary>
internal sealed class FtpsRoot
{
    private readonly string _root;

    /// <param name="root">Absolute.</param>
    public FtpsRoot(string root) => _root = root.TrimEnd('/');

    /// <summary>The path on the server.</summary>
    public string Locate(RemotePath path) => path.IsRoot ? (_root.Length == 0 ? "/" : _root) : _root + path.Value;
}
