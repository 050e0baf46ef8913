using Microsoft.Extensions.Logging;

namespace Gateway.Ftps.Protocol;

/// <summary>
/// The control channel, once it is protected. One loop reads all replies and hands each to the command that is owed it; a reply that
/// nobody is owed ends the channel, as does anything else that leaves doubt about which reply belongs to which command. The loop also
/// notices at once when an idle channel is closed.
/// </summary>
/// <remarks>Commands are sent one at a time. A caller that leaves before its reply came leaves the reply owed: the next command waits for it.</remarks>
internal sealed partial class FtpControlChannel : IAsyncDisposable
{
    /// <summary>How long the next command waits for a reply that an earlier, cancelled one is still owed.</summary>
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(2);

    private readonly Stream _stream;
    private readonly FtpReplyReader _reader;
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Queue<FtpExchange> _owed = new();
    private readonly TaskCompletionSource<FtpException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FtpException? _end;
    private FtpExchange? _last;
    private Task _loop = Task.CompletedTask;
    private long _lastHeard;

    /// <param name="stream">The protected stream; disposed with the channel.</param>
    /// <param name="time">The clock.</param>
    /// <param name="name">The backend's name, for the log.</param>
    /// <param name="logger">Takes every command and reply at level Trace.</param>
    public FtpControlChannel(Stream stream, TimeProvider time, string name, ILogger logger)
    {
        _name = name;
        _logger = logger;
        _stream = stream;
        _reader = new FtpReplyReader(stream);
        _time = time;
        _lastHeard = time.GetTimestamp();
    }

    /// <summary>Completes with the reason when the channel became unusable.</summary>
    public Task<FtpException> Ended => _ended.Task;

    /// <summary>Time since the last reply.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(Volatile.Read(ref _lastHeard));

    /// <summary>Starts reading.</summary>
    /// <param name="greeting">An exchange owed before any command: the greeting of implicit TLS.</param>
    public void Start(FtpExchange? greeting = null)
    {
        if (greeting is not null)
        {
            _owed.Enqueue(greeting);
        }

        _loop = ReadRepliesAsync();
    }

    /// <summary>Sends a command and waits for the reply that ends it.</summary>
    /// <exception cref="FtpException">The channel ended. A refusal is a reply like any other.</exception>
    public async ValueTask<FtpReply> SendAsync(FtpCommand command, CancellationToken cancellationToken)
    {
        var exchange = await BeginAsync(command, cancellationToken);
        return await exchange.Final.WaitAsync(cancellationToken);
    }

    /// <summary>Sends a command.</summary>
    public async ValueTask<FtpExchange> BeginAsync(FtpCommand command, CancellationToken cancellationToken)
    {
        await SettleAsync(cancellationToken);
        return await WriteAsync(command, cancellationToken);
    }

    /// <summary>Sends a command though replies are owed: ABOR, the only one that is meant for that (RFC 959, 4.1.3).</summary>
    public async ValueTask InterruptAsync(FtpCommand command, CancellationToken cancellationToken) => await WriteAsync(command, cancellationToken);

    /// <summary>Waits until no reply is owed. Ends the channel where one does not come.</summary>
    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        if (_last is not { Final.IsCompleted: false } last)
        {
            return;
        }

        try
        {
            await last.Final.WaitAsync(SettleTimeout, _time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            End(new FtpException(FtpFailure.ConnectionLost, $"The server did not answer a cancelled {last.Command.Verb}.", e));
            throw _end!.Copy();
        }
        catch (FtpException)
        {
            // The channel ended: the command that comes next says so.
        }
    }

    /// <summary>Makes the channel unusable. The first reason counts.</summary>
    public void End(FtpException reason)
    {
        FtpExchange[] owed;
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            _end = reason;
            owed = [.. _owed];
            _owed.Clear();
        }

        foreach (var exchange in owed)
        {
            exchange.Fail(reason);
        }

        _stream.Dispose();
        _ended.TrySetResult(reason);
    }

    /// <summary>Closes at once.</summary>
    public async ValueTask DisposeAsync()
    {
        End(new FtpException(FtpFailure.ConnectionLost, "The connection was closed."));
        await _loop;
    }

    private async ValueTask<FtpExchange> WriteAsync(FtpCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var exchange = new FtpExchange(command);
        lock (_gate)
        {
            if (_end is not null)
            {
                throw _end.Copy();
            }

            _owed.Enqueue(exchange);
            _last = exchange;
        }

        LogCommand(_name, command);
        try
        {
            // A line cut short by a cancellation would merge with the next one: once begun it is written, or the channel ends.
            await _stream.WriteAsync(command.Encode(), CancellationToken.None).AsTask().WaitAsync(cancellationToken);
            return exchange;
        }
        catch (Exception e)
        {
            // Where the channel ended meanwhile, its reason says more than the failed write.
            End(new FtpException(FtpFailure.ConnectionLost, "The connection to the server was lost.", e));
            cancellationToken.ThrowIfCancellationRequested();
            throw _end!.Copy();
        }
    }

    private async Task ReadRepliesAsync()
    {
        try
        {
            while (true)
            {
                Deliver(await _reader.ReadAsync(CancellationToken.None));
            }
        }
        catch (FtpException e)
        {
            End(e);
        }
        catch (Exception e)
        {
            End(new FtpException(FtpFailure.ConnectionLost, "The connection to the server was lost.", e));
        }
    }

    private void Deliver(FtpReply reply)
    {
        Volatile.Write(ref _lastHeard, _time.GetTimestamp());
        LogReply(_name, reply);

        // 421 may come at any time (RFC 959, 5.4), and the server closes after it.
        if (reply.Code == 421)
        {
            throw new FtpException(FtpFailure.ConnectionLost, "The server closed the connection (421).") { Reply = reply };
        }

        FtpExchange? exchange;
        lock (_gate)
        {
            _owed.TryPeek(out exchange);
        }

        if (exchange is null)
        {
            throw new FtpException(FtpFailure.ConnectionLost, "The server sent a reply that nothing had asked for.") { Reply = reply };
        }

        // Out of the queue before its waiter runs: a channel with nothing owed must look settled to the next command.
        if (!reply.IsPreliminary)
        {
            lock (_gate)
            {
                _owed.TryDequeue(out _);
            }
        }

        exchange.Take(reply);
    }

    [LoggerMessage(4010, LogLevel.Trace, "Backend {Backend}: > {Command}")]
    private partial void LogCommand(string backend, FtpCommand command);

    [LoggerMessage(4011, LogLevel.Trace, "Backend {Backend}: < {Reply}")]
    private partial void LogReply(string backend, FtpReply reply);
}
