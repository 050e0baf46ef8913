using System.ComponentModel;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Sftp.Transport;

/// <summary>
/// A running <c>ssh … -s sftp</c>. <see cref="Socket"/> is our end of its standard input and output: what is sent there before the
/// login is done waits in the socket, and arrives at the SFTP server first.
/// </summary>
internal sealed class SshProcess : IAsyncDisposable
{
    /// <summary>Bytes that ssh and the server may write beside the files in a connection's life; a login's log has some 10 KiB.</summary>
    private const long MaxChatter = 8 * 1024 * 1024;

    private static readonly TimeSpan s_politeExit = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_terminatedExit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_killedExit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_diagnosis = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_promptCompletion = TimeSpan.FromSeconds(1);

    private readonly SshCommand _command;
    private readonly TimeProvider _time;
    private readonly ChildProcess _child;
    private readonly Socket _error;
    private readonly PseudoTerminal? _terminal;
    private readonly SshLog _log;
    private readonly Task _reading;
    private readonly Task _answering;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationToken _endedToken;
    private SshFailureKind? _ownVerdict;
    private int _disposed;

    private SshProcess(SshCommand command, TimeProvider time, ChildProcess child, Socket socket, Socket error, PseudoTerminal? terminal)
    {
        _command = command;
        _time = time;
        _child = child;
        _error = error;
        _terminal = terminal;
        _log = new SshLog(command.Jumps.Count + 1);
        _endedToken = _ended.Token;
        Socket = socket;
        _reading = ReadLogAsync();
        _answering = terminal is null ? Task.CompletedTask : AnswerPromptsAsync(terminal, new SshPrompts(command));
        Exited = WaitForExitAsync();
        _ = WatchGreetingAsync();
    }

    /// <summary>The child's pid.</summary>
    public int ProcessId => _child.Id;

    /// <summary>Our end of the child's standard input and output.</summary>
    public Socket Socket { get; }

    /// <summary>Completes when the child has ended, is reaped, and its log is read. Never fails.</summary>
    public Task<SshExit> Exited { get; }

    /// <summary>Completes when the server has accepted the account; never, where the child ends first.</summary>
    public Task LoggedIn => _log.Ready;

    /// <summary>Set by whoever reads <see cref="Socket"/>, once the server's SFTP has answered: an end before that means there is none.</summary>
    public bool IsSftpRunning { get; set; }

    private SshProgress Progress => new(_log.Phase, _log.Hop, IsSftpRunning);

    /// <summary>Starts ssh. Returns at once; the login runs in the child.</summary>
    /// <exception cref="SshException">ssh is missing, or the system refused a process, a descriptor or a terminal.</exception>
    public static SshProcess Start(SshCommand command, TimeProvider time)
    {
        SocketPair? data = null;
        SocketPair? error = null;
        PseudoTerminal? terminal = null;
        try
        {
            data = SocketPair.Open(SocketPair.LargeBuffer);
            error = SocketPair.Open(0);
            terminal = OpenTerminal(command);
            var child = ChildProcess.Start(
                command.Program, SshArguments.ForSftp(command), SshArguments.Environment, data.Theirs, error.Theirs, terminal?.Path);
            return new SshProcess(command, time, child, data.Ours, error.Ours, terminal);
        }
        catch (Win32Exception refused)
        {
            terminal?.Dispose();
            data?.Ours.Dispose();
            error?.Ours.Dispose();
            throw new SshException(SshDiagnosis.OfStart(refused), refused);
        }
        finally
        {
            data?.CloseTheirs();
            error?.CloseTheirs();
        }
    }

    /// <summary>Waits until the server has accepted the account.</summary>
    /// <exception cref="SshException">ssh ended before.</exception>
    /// <exception cref="OperationCanceledException">The token.</exception>
    public async Task WaitForLoginAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(LoggedIn, Exited).WaitAsync(cancellationToken);
        if (!LoggedIn.IsCompleted)
        {
            throw new SshException(await DiagnoseAsync());
        }
    }

    /// <summary>
    /// Says why the channel ended: to be called when it saw the end of the stream or a reset. Waits up to two seconds for the
    /// child's exit and its last words.
    /// </summary>
    public async Task<SshFailure> DiagnoseAsync()
    {
        var exit = await EndsWithinAsync(Exited, s_diagnosis) ? await Exited : new SshExit(null, null, _log.Text);
        return SshDiagnosis.OfExit(exit, Progress, _command, _ownVerdict);
    }

    /// <summary>Says what a login that did not end in time was waiting for.</summary>
    /// <param name="limit">The time it had.</param>
    public SshFailure DescribeTimeout(TimeSpan limit) => SshDiagnosis.OfTimeout(Progress, limit, _command, _log.Text);

    /// <summary>
    /// Closes: half-closes the stream so that ssh can close the channel, then SIGTERM after 1.5 s, SIGKILL after another. On return the child is
    /// reaped and every descriptor closed.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await Exited;
            return;
        }

        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The child closed its end first, or the channel ours.
        }

        Socket.Dispose();

        // Before the login there is no channel to close, and ssh does not look at its input yet.
        var polite = LoggedIn.IsCompleted && await EndsWithinAsync(_child.Exited, s_politeExit);
        if (!polite)
        {
            _child.Signal(NativeMethods.SignalTerminate);
            if (!await EndsWithinAsync(_child.Exited, s_terminatedExit))
            {
                _child.Signal(NativeMethods.SignalKill);
                _ = await EndsWithinAsync(_child.Exited, s_killedExit);
            }
        }

        // Whoever reads and types stops first: a closed descriptor's number may belong to somebody else at once, and what is typed
        // is a password.
        await _ended.CancelAsync();
        await _reading;
        await _answering;
        _terminal?.Dispose();
        _error.Dispose();
        _ended.Dispose();
    }

    /// <summary>
    /// A terminal is needed where ssh has something to ask. Where it has not, the terminal is only the lifeline, and a system without
    /// /dev/ptmx loses no more than that.
    /// </summary>
    private static PseudoTerminal? OpenTerminal(SshCommand command)
    {
        try
        {
            return PseudoTerminal.Open();
        }
        catch (Win32Exception) when (!command.HasSecrets)
        {
            return null;
        }
    }

    private async Task<SshExit> WaitForExitAsync()
    {
        var status = await _child.Exited;
        _ = await EndsWithinAsync(_reading, s_lastWords);
        return SshExit.FromWaitStatus(status, _log.Text);
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit, _time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task ReadLogAsync()
    {
        var buffer = new byte[4096];
        var total = 0L;
        try
        {
            int count;
            while ((count = await _error.ReceiveAsync(buffer, _endedToken)) > 0)
            {
                _log.Append(buffer.AsSpan(0, count));
                total += count;
                if (total > MaxChatter)
                {
                    GiveUp(LoggedIn.IsCompleted ? SshFailureKind.ConnectionLost : SshFailureKind.ClosedDuringLogin);
                    return;
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The child is gone; what it said is kept.
        }
    }

    /// <summary>ssh has no limit of its own for the greeting alone: <c>ConnectTimeout</c> covers it together with TCP.</summary>
    private async Task WatchGreetingAsync()
    {
        await Task.WhenAny(_log.GreetingAwaited, _child.Exited);
        if (!await EndsWithinAsync(Task.WhenAny(_log.Greeted, _child.Exited), _command.BannerTimeout))
        {
            GiveUp(SshFailureKind.GreetingTimeout);
        }
    }

    private async Task AnswerPromptsAsync(PseudoTerminal terminal, SshPrompts prompts)
    {
        var buffer = new byte[1024];
        var shown = "";
        try
        {
            while (true)
            {
                var count = await ReadPromptAsync(terminal, buffer, shown.Length > 0);
                shown = Tail((shown + Encoding.UTF8.GetString(buffer, 0, count)).TrimStart('\r', '\n'));
                var decision = prompts.Decide(shown, terminal.IsReadingSecret, isComplete: count == 0);
                if (decision.Refusal is { } reason)
                {
                    GiveUp(reason);
                    return;
                }

                if (decision.Answer is { } answer)
                {
                    terminal.Type(answer);
                    shown = "";
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The child is gone.
        }
    }

    /// <summary>The rest of a question comes at once or never. 0: it did not come.</summary>
    private async Task<int> ReadPromptAsync(PseudoTerminal terminal, byte[] buffer, bool hasBegun)
    {
        if (!hasBegun)
        {
            return await terminal.ReadAsync(buffer, _endedToken);
        }

        using var timer = new CancellationTokenSource(s_promptCompletion, _time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_endedToken, timer.Token);
        try
        {
            return await terminal.ReadAsync(buffer, patience.Token);
        }
        catch (OperationCanceledException) when (!_endedToken.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static string Tail(string text) => text.Length <= 2048 ? text : text[^2048..];

    private void GiveUp(SshFailureKind verdict)
    {
        _ownVerdict ??= verdict;
        _child.Signal(NativeMethods.SignalTerminate);
    }
}
