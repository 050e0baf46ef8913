using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <summary>
/// Where the backend's root lies on the server, and the check that a path stays below it though symbolic links lead elsewhere.
/// </summary>
/// <remarks>
/// A folder's real path is asked with REALPATH and compared with the root's. A folder found inside is trusted for a short time, so that
/// many small requests in one folder do not ask each time. Between the check and the use somebody with write access on the server can
/// exchange a folder for a link; SFTP version 3 has no means against that.
/// </remarks>
internal sealed class SftpRoot
{
    private const int MaxTrusted = 512;
    private static readonly TimeSpan TrustDuration = TimeSpan.FromSeconds(2);

    private readonly SftpChannel _channel;
    private readonly SymlinkPolicy _policy;
    private readonly TimeProvider _time;
    private readonly string _root;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _trusted = new(StringComparer.Ordinal);

    /// <param name="channel">The channel to ask on.</param>
    /// <param name="root">The root's real path, absolute.</param>
    /// <param name="policy">What links may do.</param>
    /// <param name="time">The clock.</param>
    public SftpRoot(SftpChannel channel, string root, SymlinkPolicy policy, TimeProvider time)
    {
        _channel = channel;
        _policy = policy;
        _time = time;
        _root = root.Length > 1 ? root.TrimEnd('/') : root;
    }

    /// <summary>Whether links are looked at at all.</summary>
    public bool ChecksLinks => _policy != SymlinkPolicy.Follow;

    /// <summary>The path on the server.</summary>
    public string Locate(RemotePath path) => path.IsRoot ? _root : _root is "/" ? path.Value : _root + path.Value;

    /// <summary>Whether the folder <paramref name="path"/> needs no check now.</summary>
    public bool IsTrusted(RemotePath path)
    {
        if (!ChecksLinks || path.IsRoot)
        {
            return true;
        }

        lock (_gate)
        {
            return _trusted.TryGetValue(path.Value, out var since) && _time.GetElapsedTime(since) < TrustDuration;
        }
    }

    /// <summary>Asks for the real path of <paramref name="path"/>; to be flushed, and given to <see cref="CheckAsync"/>.</summary>
    public SftpRequest Ask(RemotePath path) => _channel.RealPath(Locate(path));

    /// <summary>Waits for the answer to <see cref="Ask"/>, and trusts the path for a while where it is inside.</summary>
    /// <returns>The real path on the server.</returns>
    /// <exception cref="BackendException"><see cref="BackendError.PermissionDenied"/>: it is outside, or a link where none may be.</exception>
    public async ValueTask<string> CheckAsync(SftpRequest asked, RemotePath path, CancellationToken cancellationToken)
    {
        var real = await asked.TakeNameAsync(cancellationToken);
        ThrowUnlessAllowed(path, real);
        lock (_gate)
        {
            if (_trusted.Count >= MaxTrusted)
            {
                _trusted.Clear();
            }

            _trusted[path.Value] = _time.GetTimestamp();
        }

        return real;
    }

    /// <summary>Checks the folder <paramref name="path"/> unless it is trusted.</summary>
    public async ValueTask EnsureAsync(RemotePath path, CancellationToken cancellationToken)
    {
        if (!IsTrusted(path))
        {
            var asked = Ask(path);
            _channel.Flush();
            await CheckAsync(asked, path, cancellationToken);
        }
    }

    /// <summary>Where the link <paramref name="path"/> leads, if it may be followed.</summary>
    public async ValueTask<string> ResolveLinkAsync(RemotePath path, CancellationToken cancellationToken)
    {
        var asked = Ask(path);
        _channel.Flush();
        var real = await asked.TakeNameAsync(cancellationToken);
        ThrowUnlessAllowed(path, real);
        return real;
    }

    /// <summary>The path below the root of a real path on the server; null where it lies outside, or has a name that no path can hold.</summary>
    public RemotePath? Relate(string real)
    {
        var below = _root is "/" ? real
            : real.StartsWith(_root, StringComparison.Ordinal) && (real.Length == _root.Length || real[_root.Length] == '/') ? real[_root.Length..]
            : null;
        return below is not null && RemotePath.TryParse(below, out var path, out _) ? path : null;
    }

    private void ThrowUnlessAllowed(RemotePath path, string real)
    {
        var allowed = _policy switch
        {
            SymlinkPolicy.Follow => true,
            SymlinkPolicy.Refuse => string.Equals(real, Locate(path), StringComparison.Ordinal),
            _ => _root is "/" || (real.StartsWith(_root, StringComparison.Ordinal) && (real.Length == _root.Length || real[_root.Length] == '/')),
        };
        if (!allowed)
        {
            throw new BackendException(BackendError.PermissionDenied, _policy == SymlinkPolicy.Refuse
                ? "The path leads through a symbolic link, and this backend follows none (Symlinks: refuse)."
                : "The path leads outside the backend's root through a symbolic link (Symlinks: within-root).")
            {
                Path = path,
            };
        }
    }
}
