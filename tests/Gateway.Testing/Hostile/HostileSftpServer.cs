using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Testing.Fakes;
using Gateway.Testing.Servers;

namespace Gateway.Testing.Hostile;

/// <summary>
/// An SFTP server that lies as a test tells it to: a real sshd, whose SFTP is answered by this process. Untold, it serves a few files from
/// memory and is honest.
/// </summary>
public sealed class HostileSftpServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly TempFolder _scripts = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<CancellationTokenSource, Task> _sessions = new();
    private readonly Task _accepting;
    private SshServer _ssh = null!;

    private HostileSftpServer()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The port of the sshd, on 127.0.0.1.</summary>
    public int Port => _ssh.Port;

    /// <summary>Files by their absolute paths.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Folders by their absolute paths.</summary>
    public ConcurrentDictionary<string, byte> Folders { get; } = new(StringComparer.Ordinal) { ["/"] = 0 };

    /// <summary>The extensions it announces.</summary>
    public IReadOnlyList<string> Extensions { get; set; } = ["posix-rename@openssh.com", "lsetstat@openssh.com"];

    /// <summary>Answers in the server's place. False: it answers honestly.</summary>
    public Func<HostileSftpSession, SftpPacket, CancellationToken, Task<bool>> Instead { get; set; } = static (_, _, _) => Task.FromResult(false);

    /// <summary>What becomes of each packet of an honest answer, on its way out.</summary>
    public Func<byte[], byte[]> Mutate { get; set; } = static packet => packet;

    /// <summary>How many sessions there were.</summary>
    public int Sessions { get; private set; }

    /// <summary>Starts a server.</summary>
    public static async Task<HostileSftpServer> StartAsync()
    {
        await ServerPackages.EnsureAsync("python");
        var server = new HostileSftpServer();
        var relay = server._scripts.Write("sftp_relay.py", EmbeddedText.Read("sftp_relay.py"));
        var port = ((IPEndPoint)server._listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);
        server._ssh = await SshServer.StartAsync(new SshServerOptions
        {
            ExtraLines = [$"ForceCommand /usr/bin/python3 -I -S -B {relay} {port}"],
        });
        return server;
    }

    /// <summary>The keys that configure the gateway for this server.</summary>
    public Dictionary<string, string?> GetConfiguration(string backend) => new(StringComparer.Ordinal)
    {
        [$"Backends:{backend}:Protocol"] = "sftp",
        [$"Backends:{backend}:Host"] = "127.0.0.1",
        [$"Backends:{backend}:Port"] = Port.ToString(CultureInfo.InvariantCulture),
        [$"Backends:{backend}:Username"] = _ssh.Username,
        [$"Backends:{backend}:Sftp:PrivateKeyFile"] = _ssh.UserKey.PrivateKeyFile,
        [$"Backends:{backend}:Sftp:HostKeyFingerprints:0"] = _ssh.HostKeyFingerprints[0],
    };

    /// <summary>Ends every session: what was told in it, where its root lies for one, is forgotten.</summary>
    public async Task EndSessionsAsync()
    {
        foreach (var session in _sessions.Keys)
        {
            await session.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions.Values);
        foreach (var session in _sessions.Keys)
        {
            session.Dispose();
        }

        await _ssh.DisposeAsync();
        _scripts.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stopping.Token);
                Sessions++;
                var session = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                _sessions[session] = Task.Run(() => ServeAsync(socket, session.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var _ = socket;
        try
        {
            await new HostileSftpSession(this, socket).RunAsync(cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException or ArgumentException)
        {
            // The gateway has left, or the test is over.
        }
    }
}
