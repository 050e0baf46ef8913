using System.Security.Authentication;
using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;
using Gateway.Ftps.Transport;
using Microsoft.Extensions.Logging;

namespace Gateway.Ftps;

/// <summary>Opens FTPS connections of one backend.</summary>
internal sealed partial class FtpsConnector : IBackendConnector
{
    private readonly BackendSettings _settings;
    private readonly FtpServerSettings _server;
    private readonly AbandonedFiles _abandoned;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="settings">The backend's settings.</param>
    /// <param name="server">The same in the protocol's terms.</param>
    /// <param name="abandoned">The server's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public FtpsConnector(BackendSettings settings, FtpServerSettings server, AbandonedFiles abandoned, TimeProvider time, ILogger logger)
    {
        _abandoned = abandoned;
        _settings = settings;
        _server = server;
        _time = time;
        _logger = logger;
    }

    /// <summary>A control channel carries one transfer at a time.</summary>
    public bool IsShareable => false;

    public async Task<BackendConnection> OpenAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_settings.ConnectTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var login = new FtpLogin(await ChooseTlsAsync());
        try
        {
            return await OpenAsync(login, both.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            throw new BackendException(BackendError.Timeout, $"The server did not answer within {_settings.ConnectTimeout.TotalSeconds:0.#} s (Pool:ConnectTimeout) while waiting {login.Step}.", e);
        }
        catch (Exception e)
        {
            throw FtpsErrors.TranslateOpening(e);
        }
    }

    private async Task<BackendConnection> OpenAsync(FtpLogin login, CancellationToken cancellationToken)
    {
        var session = await login.RunAsync(cancellationToken);
        try
        {
            var root = await FindRootAsync(session, cancellationToken);
            var connection = new FtpsConnection(_settings, session, root, OpenSessionAsync, _server.Memory, _abandoned, _time);
            await connection.RemoveAbandonedAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async Task<FtpSession> OpenSessionAsync(FtpException reason, CancellationToken cancellationToken)
    {
        LogReplacing(_settings.Name, reason.Message);
        return await new FtpLogin(await ChooseTlsAsync()).RunAsync(cancellationToken);
    }

    /// <summary>TLS 1.3 only where its sessions are resumed, or else most servers would refuse every data connection.</summary>
    private async ValueTask<FtpServerSettings> ChooseTlsAsync()
    {
        if (!_server.Tls.Protocols.HasFlag(SslProtocols.Tls13) || await TlsSessionSelfTest.FindTls13FaultAsync() is not { } fault)
        {
            return _server;
        }

        LogNoTls13(_settings.Name, fault);
        return _server.Tls.Protocols.HasFlag(SslProtocols.Tls12)
            ? _server with { Tls = _server.Tls with { Protocols = SslProtocols.Tls12 } }
            : throw new BackendException(BackendError.ProtocolError, "TLS 1.3 is required (Ftps:MinimumTlsVersion), but with this runtime its sessions cannot be resumed, as FTPS servers demand: allow 1.2.");
    }

    private async ValueTask<FtpsRoot> FindRootAsync(FtpSession session, CancellationToken cancellationToken)
    {
        var configured = string.IsNullOrEmpty(_settings.Root) ? null : _settings.Root;
        var path = configured ?? session.LoginFolder;
        if (path is null || !path.StartsWith('/') || path.Length > RemotePath.MaxBytes || FtpCommand.HasControl(path))
        {
            throw new BackendException(BackendError.ProtocolError, "The server does not tell its login folder as a path that starts with a slash: set Root.");
        }

        var root = new FtpsRoot(path);
        var reply = await session.AskAsync(new FtpCommand("CWD", root.Locate(RemotePath.Root)), cancellationToken);
        return reply.IsSuccess
            ? root
            : throw new BackendException(BackendError.ProtocolError, "The backend's Root does not exist on the server, or is a folder that the account cannot enter.") { Diagnostic = reply.ToString() };
    }

    [LoggerMessage(4000, LogLevel.Warning, "Backend {Backend}: TLS 1.3 is not offered, because its sessions cannot be resumed here: {Fault}.")]
    private partial void LogNoTls13(string backend, string fault);

    [LoggerMessage(4001, LogLevel.Information, "Backend {Backend}: logging in anew. {Reason}")]
    private partial void LogReplacing(string backend, string reason);
}
