using System.Net;
using System.Net.Security;
using Gateway.Ftps.Transport;

namespace Gateway.Ftps.Protocol;

/// <summary>A protected, logged-in conversation in binary mode: commands, and one transfer at a time.</summary>
internal sealed partial class FtpSession : IAsyncDisposable
{
    private static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a reply may take after its data connection's handshake failed: it says why.</summary>
    private static readonly TimeSpan ExplainTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>No server forgets a TLS session that soon.</summary>
    private static readonly TimeSpan FreshTime = TimeSpan.FromMinutes(1);

    /// <summary>How long a server may take to answer ABOR.</summary>
    private static readonly TimeSpan InterruptTimeout = TimeSpan.FromMilliseconds(500);

    private const int DataBufferSize = 256 * 1024;

    private readonly FtpServerSettings _server;
    private readonly FtpControlChannel _channel;
    private readonly TlsSessionScope _scope;
    private readonly IPAddress _address;
    private readonly long _since;
    private bool _hasResumed;
    private SocketStream? _dataSocket;

    public FtpSession(FtpServerSettings server, FtpControlChannel channel, TlsSessionScope scope, IPAddress address, FtpFeatures features)
    {
        _server = server;
        _channel = channel;
        _scope = scope;
        _address = address;
        Features = features;
        _since = server.Time.GetTimestamp();
    }

    public FtpFeatures Features { get; }

    /// <summary>The folder that the login ended in; null where the server does not say.</summary>
    public string? LoginFolder { get; init; }

    /// <summary>Completes with the reason when the session became unusable.</summary>
    public Task<FtpException> Ended => _channel.Ended;

    /// <summary>Time since the server's last reply.</summary>
    public TimeSpan Silence => _channel.Silence;

    /// <summary>Sends a command and returns whatever ends it, a refusal too.</summary>
    /// <exception cref="FtpException">The session ended.</exception>
    public ValueTask<FtpReply> AskAsync(FtpCommand command, CancellationToken cancellationToken) => _channel.SendAsync(command, cancellationToken);

    /// <summary>Sends a command that must succeed.</summary>
    /// <exception cref="FtpException"><see cref="FtpFailure.Refused"/>, or the session ended.</exception>
    public async ValueTask<FtpReply> DoAsync(FtpCommand command, CancellationToken cancellationToken)
    {
        var reply = await _channel.SendAsync(command, cancellationToken);
        return reply.IsSuccess ? reply
            : reply.IsRefusal ? throw FtpException.Refused(command, reply)
            : throw EndUnexpected(command, reply);
    }

    /// <summary>RNFR and RNTO.</summary>
    public async ValueTask RenameAsync(string from, string to, CancellationToken cancellationToken)
    {
        var command = new FtpCommand("RNFR", from);
        var reply = await _channel.SendAsync(command, cancellationToken);
        if (!reply.IsIntermediate)
        {
            throw reply.IsRefusal ? FtpException.Refused(command, reply) : EndUnexpected(command, reply);
        }

        await DoAsync(new FtpCommand("RNTO", to), cancellationToken);
    }

    /// <summary>
    /// Starts a transfer: passive mode, TCP connect, REST, the command, then TLS handshake and first reply side by side. A
    /// handshake before the command hangs or is reset on some servers.
    /// </summary>
    /// <param name="command">RETR, STOR, MLSD or LIST.</param>
    /// <param name="prepare">Sent before it, and must be answered with 350: REST; or null.</param>
    /// <param name="cancellationToken">The operation's.</param>
    /// <exception cref="FtpException">
    /// <see cref="FtpFailure.Refused"/>: the command; <see cref="FtpFailure.DataRefused"/>: the data connection.
    /// </exception>
    /// <exception cref="TlsException">The data connection's handshake failed, and the server did not say why.</exception>
    public async ValueTask<FtpDataConnection> OpenDataAsync(FtpCommand command, FtpCommand? prepare, CancellationToken cancellationToken)
    {
        using var activity = FtpActivities.StartDataConnect(_server, command);
        SocketStream? socket = null;
        try
        {
            _dataSocket = socket = new SocketStream(await ConnectPassiveAsync(cancellationToken), DataBufferSize);
            if (prepare is { } restart)
            {
                await PrepareAsync(restart, cancellationToken);
            }

            var exchange = await _channel.BeginAsync(command, cancellationToken);
            return await ProtectDataAsync(socket, exchange, cancellationToken);
        }
        catch (Exception e)
        {
            FtpActivities.Fail(activity, e);
            await (socket?.DisposeAsync() ?? default);
            throw;
        }
    }

    /// <summary>
    /// Asks the server to end a download, before its data connection is closed: without, ProFTPD ends the control connection as well.
    /// pure-ftpd says nothing more once the data connection is closed, and so gets time to answer first. vsftpd reads no command during a
    /// transfer, and does well without. Two replies follow, in any order. Never throws.
    /// </summary>
    public async ValueTask InterruptAsync(FtpExchange exchange)
    {
        if (Features.IsVsftpd || exchange.Final.IsCompleted)
        {
            return;
        }

        using var limit = new CancellationTokenSource(InterruptTimeout, _server.Time);
        try
        {
            await _channel.InterruptAsync(new FtpCommand("ABOR"), limit.Token);
            if (Features.IsPureFtpd)
            {
                await exchange.Final.WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException e)
        {
            End(new FtpException(FtpFailure.ConnectionLost, "The server did not answer ABOR.", e));
        }
        catch (FtpException)
        {
            // The session has ended.
        }
    }

    /// <summary>Waits until no reply is owed, a short time; ends the session where one does not come.</summary>
    /// <returns>Whether the session is usable.</returns>
    public async ValueTask<bool> TrySettleAsync()
    {
        try
        {
            await _channel.SettleAsync(CancellationToken.None);
            return !_channel.Ended.IsCompleted;
        }
        catch (FtpException)
        {
            return false;
        }
    }

    /// <summary>Makes the session unusable at once, and fails what is under way.</summary>
    public void End(FtpException reason)
    {
        _channel.End(reason);
        _dataSocket?.Dispose();
    }

    /// <summary>QUIT where the session is usable, for a short time; then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_channel.Ended.IsCompleted)
        {
            using var limit = new CancellationTokenSource(QuitTimeout, _server.Time);
            try
            {
                await _channel.SendAsync(new FtpCommand("QUIT"), limit.Token);
            }
            catch (Exception e) when (e is FtpException or OperationCanceledException)
            {
                // A farewell.
            }
        }

        _dataSocket?.Dispose();
        await _channel.DisposeAsync();
        _scope.Dispose();
    }

    /// <summary>A restart position that was accepted and then not used would shift the next transfer: nothing may come in between.</summary>
    private async ValueTask PrepareAsync(FtpCommand command, CancellationToken cancellationToken)
    {
        var exchange = await _channel.BeginAsync(command, cancellationToken);
        try
        {
            var reply = await exchange.Final.WaitAsync(cancellationToken);
            if (reply.Code != 350)
            {
                throw reply.IsRefusal ? FtpException.Refused(command, reply) : EndUnexpected(command, reply);
            }
        }
        catch (OperationCanceledException)
        {
            End(new FtpException(FtpFailure.ConnectionLost, "A transfer was cancelled while its start was being set."));
            throw;
        }
    }

    private async ValueTask<FtpDataConnection> ProtectDataAsync(SocketStream socket, FtpExchange exchange, CancellationToken cancellationToken)
    {
        var stall = new StallWatch(_server.StallTimeout, _server.Time);
        socket.Progress = stall.Progress;
        var isLate = Features.WantsHandshakeLate || _server.Memory.WantsHandshakeLate;
        Task<(SslStream Stream, bool IsResumed)>? handshake = null;
        try
        {
            handshake = isLate ? null : _scope.AuthenticateDataAsync(socket, cancellationToken);
            var first = await ReadFirstReplyAsync(exchange, handshake, cancellationToken);
            if (first.IsRefusal)
            {
                throw FtpException.RefusedTransfer(exchange.Command, first);
            }

            if (first.IsIntermediate)
            {
                throw EndUnexpected(exchange.Command, first);
            }

            handshake ??= _scope.AuthenticateDataAsync(socket, cancellationToken);
            var (tls, isResumed) = await handshake;
            ThrowIfAsGoodAsRefused(exchange.Command, isResumed);
            return new FtpDataConnection(tls, socket, exchange, stall, _server.Time);
        }
        catch (Exception e)
        {
            if (e is OperationCanceledException && exchange.Command.Verb is not "STOR")
            {
                await InterruptAsync(exchange);
            }

            stall.Dispose();
            await socket.DisposeAsync();
            await ObserveAsync(handshake);
            if (e is TlsException { Failure: not TlsFailure.Certificate } failed)
            {
                throw await ExplainHandshakeAsync(failed, exchange, isLate);
            }

            throw;
        }
    }

    /// <summary>After a failed handshake the reply need not be waited for as long as usual.</summary>
    private async ValueTask<FtpReply> ReadFirstReplyAsync(FtpExchange exchange, Task? handshake, CancellationToken cancellationToken)
    {
        if (handshake is not null)
        {
            await Task.WhenAny(exchange.First, handshake).WaitAsync(cancellationToken);
            if (handshake.IsFaulted)
            {
                await Task.WhenAny(exchange.First, Task.Delay(ExplainTimeout, _server.Time, cancellationToken));
                if (!exchange.First.IsCompleted)
                {
                    await handshake;
                }
            }
        }

        return await exchange.First.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Servers check the session when they have finished their side of the handshake, after we have finished ours, so that a refusal would
    /// come in the middle of the transfer. Where sessions were resumed before, one that was not is as good as refused: it has expired, or
    /// was dropped. A new control connection that does not resume either shows a server that has no sessions.
    /// </summary>
    private void ThrowIfAsGoodAsRefused(FtpCommand command, bool isResumed)
    {
        if (isResumed)
        {
            _hasResumed = _server.Memory.ResumesSessions = true;
            return;
        }

        if (_hasResumed || (_server.Memory.ResumesSessions && _server.Time.GetElapsedTime(_since) > FreshTime))
        {
            throw new FtpException(FtpFailure.DataRefused, "The server did not resume the TLS session on the data connection.") { Command = command };
        }

        _server.Memory.ResumesSessions = false;
    }

    private async ValueTask<Exception> ExplainHandshakeAsync(TlsException failed, FtpExchange exchange, bool isLate)
    {
        if (await FindRefusalAsync(exchange) is { } reply)
        {
            return FtpException.RefusedTransfer(exchange.Command, reply);
        }

        if (isLate || failed.Failure != TlsFailure.ConnectionLost)
        {
            return failed;
        }

        _server.Memory.WantsHandshakeLate = true;
        return new FtpException(FtpFailure.DataRefused, "The server reset the data connection during its TLS handshake.", failed) { Command = exchange.Command };
    }

    /// <summary>vsftpd answers 150 first, and 522 when it has seen the session.</summary>
    private async ValueTask<FtpReply?> FindRefusalAsync(FtpExchange exchange)
    {
        try
        {
            var reply = await exchange.Final.WaitAsync(ExplainTimeout, _server.Time);
            return reply.IsRefusal ? reply : null;
        }
        catch (Exception e) when (e is TimeoutException or FtpException)
        {
            return null;
        }
    }

    private static async ValueTask ObserveAsync(Task<(SslStream Stream, bool IsResumed)>? handshake)
    {
        try
        {
            if (handshake is not null)
            {
                var (stream, _) = await handshake;
                await stream.DisposeAsync();
            }
        }
        catch (Exception)
        {
            // The reply, or the caller's leaving, is what counts.
        }
    }

    private FtpException EndUnexpected(FtpCommand command, FtpReply reply)
    {
        var error = FtpException.Unexpected(command, reply);
        End(error);
        return error;
    }
}
