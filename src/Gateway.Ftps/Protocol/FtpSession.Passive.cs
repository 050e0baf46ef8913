using System.Net;
using System.Net.Sockets;
using Gateway.Ftps.Transport;

namespace Gateway.Ftps.Protocol;

/// <content>Passive mode: where data comes from.</content>
internal sealed partial class FtpSession
{
    /// <summary>How long the TCP connection for data may take: a firewall that drops it says nothing.</summary>
    private static readonly TimeSpan DataConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Below are the system's own services (RFC 6335, 6): no server has data there, and none may make the gateway call on them.</summary>
    private const int FirstDataPort = 1024;

    /// <summary>
    /// How often a server is asked for a port, when it says that it could open none (425, RFC 959, 4.2: a transient negative). Sessions of
    /// ProFTPD choose ports of their range at random and meet now and then; the next choice is another one.
    /// </summary>
    private const int PassiveAttempts = 3;

    private bool _useExtendedPassive = true;

    /// <summary>
    /// A TCP connection to the port that the server opens, at the address that the control connection leads to: whatever a PASV reply says.
    /// </summary>
    private async ValueTask<Socket> ConnectPassiveAsync(CancellationToken cancellationToken)
    {
        var port = await EnterPassiveAsync(cancellationToken);
        if (port < FirstDataPort)
        {
            var refused = new FtpException(FtpFailure.Protocol, $"The server wants data to be fetched from its port {port}, where other services live: set its passive port range to ports from {FirstDataPort} on.");
            End(refused);
            throw refused;
        }

        using var limit = new CancellationTokenSource(DataConnectTimeout, _server.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await TcpConnector.ConnectAsync(new IPEndPoint(_address, port), both.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new FtpException(
                FtpFailure.Unreachable, $"The server's data port {port} cannot be reached: open its passive port range in the firewall, and check its passive mode settings.", e);
        }
    }

    private async ValueTask<int> EnterPassiveAsync(CancellationToken cancellationToken)
    {
        if (_useExtendedPassive)
        {
            var extended = new FtpCommand("EPSV");
            var reply = await AskForPortAsync(extended, cancellationToken);
            if (reply.Code == 229)
            {
                return FtpValues.ParseExtendedPassive(reply.Text) ?? throw EndUnexpected(extended, reply);
            }

            if (reply.Code < 500)
            {
                throw reply.IsRefusal ? DataRefused(extended, reply) : EndUnexpected(extended, reply);
            }

            _useExtendedPassive = false;
        }

        var command = new FtpCommand("PASV");
        var answer = await AskForPortAsync(command, cancellationToken);
        if (answer.Code != 227)
        {
            throw answer.IsRefusal ? DataRefused(command, answer) : EndUnexpected(command, answer);
        }

        return FtpValues.ParsePassive(answer.Text) ?? throw EndUnexpected(command, answer);
    }

    private async ValueTask<FtpReply> AskForPortAsync(FtpCommand command, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var reply = await _channel.SendAsync(command, cancellationToken);
            if (reply.Code != 425 || attempt == PassiveAttempts)
            {
                return reply;
            }
        }
    }

    private static FtpException DataRefused(FtpCommand command, FtpReply reply) =>
        new(FtpFailure.DataRefused, $"The server opens no passive data connection ({command.Verb}: {reply.Code}): check its passive mode settings.") { Reply = reply, Command = command };
}
