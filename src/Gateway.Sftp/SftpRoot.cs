using System.Runtime.ExceptionServices;
using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <summary>
/// Where the backend's root lies on the server, and the check that a path stays below it though symbolic links lead elsewhere.
/// </summary>
/// <remarks>
/// A folder's real path is asked with REALPATH and compared with the root's, for every operation anew: an answer that was remembered could
/// be out of date after a single renaming, by this gateway or another one. What changes something waits for the answer and then names the
/// real path, so that a link exchanged meanwhile is met by nobody; what only reads sends its requests along, and a server works them off one
/// right after the other. What remains is that somebody with write access on the server exchanges a folder itself for a link between the
/// check and the use; SFTP version 3 has no means against that.
/// </remarks>
internal sealed class SftpRoot
{
    /// <summary>Longest real path in characters that is believed; Linux' longest is 4095 bytes.</summary>
    private const int MaxRealPath = 16 * 1024;

    private readonly SftpChannel _channel;
    private readonly SymlinkPolicy _policy;
    private readonly string _root;

    /// <param name="channel">The channel to ask on.</param>
    /// <param name="root">The root's real path, absolute.</param>
    /// <param name="policy">What links may do.</param>
    public SftpRoot(SftpChannel channel, string root, SymlinkPolicy policy)
    {
        _channel = channel;
        _policy = policy;
        _root = root.Length > 1 ? root.TrimEnd('/') : root;
    }

    /// <summary>Whether links are looked at at all.</summary>
    public bool ChecksLinks => _policy != SymlinkPolicy.Follow;

    /// <summary>The path on the server.</summary>
    public string Locate(RemotePath path) => path.IsRoot ? _root : _root is "/" ? path.Value : _root + path.Value;

    /// <summary>Whether the folder <paramref name="path"/> needs no check.</summary>
    public bool IsTrusted(RemotePath path) => !ChecksLinks || path.IsRoot;

    /// <summary>Asks for the real path of <paramref name="path"/>; to be flushed, and given to <see cref="CheckAsync"/>.</summary>
    public SftpRequest Ask(RemotePath path) => _channel.RealPath(Locate(path));

    /// <summary>Waits for the answer to <see cref="Ask"/>.</summary>
    /// <returns>The real path on the server.</returns>
    /// <exception cref="BackendException"><see cref="BackendError.PermissionDenied"/>: it is outside, or a link where none may be.</exception>
    public async ValueTask<string> CheckAsync(SftpRequest asked, RemotePath path, CancellationToken cancellationToken)
    {
        var real = await asked.TakeNameAsync(cancellationToken);
        ThrowUnlessAllowed(path, real);
        if (!_channel.Extensions.ResolvesLinks && string.Equals(real, Locate(path), StringComparison.Ordinal))
        {
            await RequireNoLinkAsync(path, cancellationToken);
        }

        return real;
    }

    /// <summary>Checks the folder <paramref name="path"/>.</summary>
    /// <returns>Its real path on the server, to be used instead of the one that was checked.</returns>
    public async ValueTask<string> EnsureAsync(RemotePath path, CancellationToken cancellationToken)
    {
        if (IsTrusted(path))
        {
            return Locate(path);
        }

        var asked = Ask(path);
        _channel.Flush();
        return await CheckAsync(asked, path, cancellationToken);
    }

    /// <summary>Checks the folder that holds <paramref name="path"/>.</summary>
    /// <returns>The path on the server, links on the way to it resolved; what has the name itself may be a link.</returns>
    public async ValueTask<string> EnsureParentAsync(RemotePath path, CancellationToken cancellationToken)
    {
        var folder = await EnsureAsync(path.Parent, cancellationToken);
        return path.IsRoot ? folder : folder is "/" ? "/" + path.Name : $"{folder}/{path.Name}";
    }

    /// <summary>Where <paramref name="path"/> leads, if it may be followed.</summary>
    public async ValueTask<string> ResolveLinkAsync(RemotePath path, CancellationToken cancellationToken)
    {
        var asked = Ask(path);
        _channel.Flush();
        return ChecksLinks ? await CheckAsync(asked, path, cancellationToken) : await asked.TakeNameAsync(cancellationToken);
    }

    /// <summary>
    /// Not every server's REALPATH resolves links: some only tidy the text up. Where the answer claims that there is no link on the way, each
    /// step of it is looked at.
    /// </summary>
    private async ValueTask RequireNoLinkAsync(RemotePath path, CancellationToken cancellationToken)
    {
        var looking = new List<SftpRequest>();
        for (var step = path; !step.IsRoot; step = step.Parent)
        {
            looking.Add(_channel.LStat(Locate(step)));
        }

        _channel.Flush();
        var isLinked = false;
        Exception? failure = null;
        foreach (var look in looking)
        {
            // Where nothing is there is no link: the operation itself is going to say so.
            var looked = await look.TakeAttributesAsync(cancellationToken).SettleAsync();
            isLinked |= looked is { IsValue: true, Value.IsSymlink: true };
            failure ??= looked.IsMissing ? null : looked.Error;
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        if (isLinked)
        {
            throw Refuse(path, "The server does not tell where the symbolic link on this path leads, so that it is not followed (Symlinks).");
        }
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
        if (real.Length > MaxRealPath)
        {
            throw new SftpProtocolException("The server's real path is longer than a path can be.");
        }

        var allowed = _policy switch
        {
            SymlinkPolicy.Follow => true,
            SymlinkPolicy.Refuse => string.Equals(real, Locate(path), StringComparison.Ordinal),
            _ => (_root is "/" ? real.StartsWith('/')
                    : real.StartsWith(_root, StringComparison.Ordinal) && (real.Length == _root.Length || real[_root.Length] == '/'))
                && !real.EndsWith("/..", StringComparison.Ordinal) && !real.Contains("/../", StringComparison.Ordinal),
        };
        if (!allowed)
        {
            throw Refuse(path, _policy == SymlinkPolicy.Refuse
                ? "The path leads through a symbolic link, and this backend follows none (Symlinks: refuse)."
                : "The path leads outside the backend's root through a symbolic link (Symlinks: within-root).");
        }
    }

    private static BackendException Refuse(RemotePath path, string sentence) => new(BackendError.PermissionDenied, sentence) { Path = path };
}
