using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Testing.Network;

namespace Gateway.Testing.Servers;

/// <summary>
/// A real file server on loopback, on a port the kernel chose, with its own keys and its own folder; gone, with all it made,
/// when it is disposed or when this process ends, however it ends.
/// </summary>
public abstract class TestServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private const int MaxPortAttempts = 5;

    private ServerProcess? _process;
    private int _starts;

    private protected TestServer(SystemAccount account, TempFolder folder, ServerFiles files)
    {
        Account = account;
        Folder = folder;
        Files = files;
    }

    /// <summary>The account that sessions run as.</summary>
    public SystemAccount Account { get; }

    /// <summary>What clients see below <see cref="RemoteRoot"/>, from the server's own side.</summary>
    public ServerFiles Files { get; }

    /// <summary>What clients connect to.</summary>
    public virtual string Host => "127.0.0.1";

    /// <summary>The port; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>The account's name as clients log in with it.</summary>
    public virtual string Username => Account.Name;

    /// <summary>The account's password.</summary>
    public virtual string Password => Account.Password;

    /// <summary>The absolute path, as clients name it, of the folder that <see cref="Files"/> shows.</summary>
    public abstract string RemoteRoot { get; }

    /// <summary>Whether it was started, and not stopped since.</summary>
    public bool IsRunning => _process is not null;

    /// <summary>How many processes serve sessions now.</summary>
    public int SessionProcesses => ListSessions().Count;

    /// <summary>The processes that serve sessions now.</summary>
    public IReadOnlyList<int> ListSessions() => _process?.ListDescendants() ?? [];

    /// <summary>The server's own words, newest last, at most 64 KiB: for failure messages.</summary>
    public string Log
    {
        get
        {
            var text = new StringBuilder();
            foreach (var file in Directory.EnumerateFiles(Folder.Path, "*.log").Order(StringComparer.Ordinal))
            {
                text.Append("--- ").AppendLine(Path.GetFileName(file)).AppendLine(ReadTail(file));
            }

            return text.ToString();
        }
    }

    /// <summary>Configuration, keys and logs.</summary>
    protected TempFolder Folder { get; }

    /// <summary>Starts the server again after <see cref="StopAsync"/>, on the same port; returns when it takes connections.</summary>
    public Task StartAgainAsync() => LaunchAsync();

    /// <summary>Kills the listener and every session, as a crash does. The port refuses connections afterwards.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
        }
    }

    /// <summary>Stops and starts on the same port.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await LaunchAsync();
    }

    /// <summary>Kills every session; new ones are welcome.</summary>
    public void KillSessions() => _process?.KillSessions();

    /// <summary>Sends a signal to one of the processes that serve sessions; false where there is none.</summary>
    /// <param name="random">Chooses it.</param>
    /// <param name="signal">SIGKILL, or SIGSTOP until <see cref="Resume"/>.</param>
    public bool SignalOneSession(Random random, int signal)
    {
        if (_process is not { } process || process.ListDescendants() is not { Count: > 0 } sessions)
        {
            return false;
        }

        var session = sessions[random.Next(sessions.Count)];
        if (signal == ServerProcess.Sigstop)
        {
            process.PauseSession(session);
        }
        else
        {
            ProcessTree.Signal(session, signal);
        }

        return true;
    }

    /// <summary>Freezes the listener and every session: connections are accepted by the kernel, and nothing answers.</summary>
    public void Pause() => _process?.Pause();

    /// <summary>Ends every <see cref="Pause"/>, of one session too.</summary>
    public void Resume() => _process?.Resume();

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync();
        Files.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts on <see cref="Port"/>, or for the first time on a free one; returns when it takes connections.</summary>
    private protected async Task LaunchAsync()
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The server is running.");
        }

        for (var attempt = 1; ; attempt++)
        {
            var isFirst = Port == 0;
            if (isFirst)
            {
                Port = FreePort.Next();
            }

            var (command, environment) = Configure();
            var output = Folder[string.Create(CultureInfo.InvariantCulture, $"output-{++_starts:d3}.log")];
            _process = ServerProcess.Start(command, output, environment, Folder.Path);
            if (await WaitUntilReadyAsync(output))
            {
                return;
            }

            var log = Log;
            await StopAsync();
            if (!isFirst || attempt == MaxPortAttempts || !log.Contains("in use", StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException($"{GetType().Name} did not start:\n{log}");
            }

            Port = 0;
        }
    }

    /// <summary>Writes the configuration for <see cref="Port"/> and says how to start.</summary>
    private protected abstract (IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Environment) Configure();

    /// <summary>Whether the server takes connections now; the log is what it wrote since its start.</summary>
    private protected abstract ValueTask<bool> IsReadyAsync(string log);

    /// <summary>Whether a TCP connection is taken.</summary>
    private protected async ValueTask<bool> CanConnectAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<bool> WaitUntilReadyAsync(string output)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < StartTimeout && !_process!.HasExited)
        {
            if (await IsReadyAsync(File.Exists(output) ? ReadTail(output) : ""))
            {
                return !_process.HasExited;
            }

            await Task.Delay(20);
        }

        return false;
    }

    private static string ReadTail(string file)
    {
        const int Most = 64 * 1024;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > Most)
        {
            stream.Seek(-Most, SeekOrigin.End);
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
