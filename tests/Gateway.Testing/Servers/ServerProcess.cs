using System.Diagnostics;

namespace Gateway.Testing.Servers;

/// <summary>A running server with everything that descends from it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public const int Sigstop = 19;

    private const int Sigkill = 9;
    private const int Sigcont = 18;

    private readonly Process _process;
    private readonly string? _startTime;

    /// <summary>Sessions that were stopped, with their start times: if what they descend from ends meanwhile, nothing else finds them.</summary>
    private readonly Dictionary<int, string?> _stopped = [];

    private ServerProcess(Process process)
    {
        _process = process;
        _startTime = ProcessTree.GetStartTime(process.Id);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it in a session of its own, its output appended to <paramref name="logFile"/>.</summary>
    public static ServerProcess Start(
        IReadOnlyList<string> command, string logFile, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        Janitor.EnsureRunning();
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder ?? "/" };
        // A session of its own: Ctrl-C in a terminal is for the test runner, which then stops its servers in order.
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec setsid \"$@\" </dev/null >>\"$LOG_FILE\" 2>&1");
        start.ArgumentList.Add("sh");
        foreach (var word in command)
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["LOG_FILE"] = logFile;
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start.");
        Janitor.Watch(process.Id);
        return new ServerProcess(process);
    }

    /// <summary>Kills every session and leaves the listener.</summary>
    public void KillSessions() => ProcessTree.KillDescendants(_process.Id);

    /// <summary>The processes that serve sessions.</summary>
    public IReadOnlyList<int> ListDescendants() => ProcessTree.GetDescendants(_process.Id);

    /// <summary>Stops one session's process as it stands.</summary>
    public void PauseSession(int processId)
    {
        _stopped[processId] = ProcessTree.GetStartTime(processId);
        ProcessTree.Signal(processId, Sigstop);
        ProcessTree.AwaitStop(processId);
    }

    /// <summary>Stops the listener and all sessions as they stand: a server that never answers.</summary>
    public void Pause()
    {
        ProcessTree.Signal(_process.Id, Sigstop);
        ProcessTree.AwaitStop(_process.Id);
        foreach (var descendant in ListDescendants())
        {
            PauseSession(descendant);
        }
    }

    /// <summary>Ends every <see cref="Pause"/> and <see cref="PauseSession"/>.</summary>
    public void Resume()
    {
        ProcessTree.SignalAll(_stopped, Sigcont);
        _stopped.Clear();
        ProcessTree.Signal(_process.Id, Sigcont);
        foreach (var descendant in ListDescendants())
        {
            ProcessTree.Signal(descendant, Sigcont);
        }
    }

    /// <summary>Kills all of it.</summary>
    public async ValueTask DisposeAsync()
    {
        // Stopped first, the listener cannot start another session while the others are being killed.
        if (!_process.HasExited)
        {
            ProcessTree.Signal(_process.Id, Sigstop);
            ProcessTree.KillDescendants(_process.Id);
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        ProcessTree.SignalAll(_stopped, Sigkill);
        Janitor.Forget(_process.Id, _startTime);
        _process.Dispose();
    }
}
