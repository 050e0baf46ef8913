using System.Net;
using System.Net.Sockets;
using Gateway.Ftps.Transport;

namespace Gateway.Ftps.Protocol;

/// <summary>
/// Opens a session: connect, protect, log in, agree on how to speak. The account's name and password are only ever sent through TLS.
/// </summary>
internal sealed class FtpLogin
{
    /// <summary>How long a server may be silent before it is spoken to.</summary>
    private static readonly TimeSpan GreetingPatience = TimeSpan.FromSeconds(3);

    private readonly FtpServerSettings _server;
    private string _greeting = "";

    public FtpLogin(FtpServerSettings server)
    {
        _server = server;
    }

    /// <summary>What is being waited for, as the end of a sentence: for the message of a timeout.</summary>
    public string Step { get; private set; } = "";

    /// <summary>Opens a session, once; leaves nothing behind when it fails.</summary>
    /// <exception cref="FtpException">No server, no protection, or no login.</exception>
    /// <exception cref="TlsException">No handshake, or not with the right server.</exception>
    public async Task<FtpSession> RunAsync(CancellationToken cancellationToken)
    {
        var scope = new TlsSessionScope(_server.Tls);
        try
        {
            return await OpenAsync(scope, cancellationToken);
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    private async Task<FtpSession> OpenAsync(TlsSessionScope scope, CancellationToken cancellationToken)
    {
        Step = "for a TCP connection: check Host and Port, and firewalls";
        var socket = await ConnectAsync(cancellationToken);
        var address = ((IPEndPoint)socket.RemoteEndPoint!).Address;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var channel = await ProtectAsync(new SocketStream(socket), scope, cancellationToken);
        try
        {
            Step = "for the login";
            await LogInAsync(channel, cancellationToken);
            await DoAsync(channel, new FtpCommand("PBSZ", "0"), cancellationToken);
            await ProtectDataAsync(channel, cancellationToken);
            var features = await AgreeAsync(channel, cancellationToken);
            var folder = await channel.SendAsync(new FtpCommand("PWD"), cancellationToken);
            return new FtpSession(_server, channel, scope, address, features)
            {
                LoginFolder = folder.Code == 257 ? FtpValues.ParseQuotedPath(folder.Text) : null,
            };
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            EndPoint endPoint = IPAddress.TryParse(_server.Host, out var address)
                ? new IPEndPoint(address, _server.Port)
                : new DnsEndPoint(_server.Host, _server.Port);
            return await TcpConnector.ConnectAsync(endPoint, cancellationToken);
        }
        catch (SocketException e)
        {
            throw e.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery =>
                    Unreachable($"The host name {_server.Host} cannot be resolved: check Host.", e),
                SocketError.ConnectionRefused =>
                    Unreachable($"Nothing accepts connections at {_server.Host}:{_server.Port}: check Host and Port, and that the FTP server runs.", e),
                SocketError.TimedOut => new FtpException(FtpFailure.Timeout, $"{_server.Host}:{_server.Port} did not answer: check Host and Port, and firewalls.", e),
                _ => Unreachable($"{_server.Host}:{_server.Port} cannot be reached: check Host and Port, and the network.", e),
            };
        }
    }

    /// <summary>From here on the stream belongs to the channel, or is closed.</summary>
    private async Task<FtpControlChannel> ProtectAsync(SocketStream stream, TlsSessionScope scope, CancellationToken cancellationToken)
    {
        FtpControlChannel? channel = null;
        try
        {
            if (!_server.IsImplicit)
            {
                await AskForProtectionAsync(stream, cancellationToken);
            }

            Step = "for the TLS handshake: check Port and Ftps:Mode (implicit TLS is usual on 990, explicit on 21)";
            channel = new FtpControlChannel(await scope.AuthenticateControlAsync(stream, cancellationToken), _server.Time, _server.Name, _server.Logger);
            if (_server.IsImplicit)
            {
                var greeting = new FtpExchange(new FtpCommand("connect"));
                channel.Start(greeting);
                Greet(await greeting.Final.WaitAsync(cancellationToken));
            }
            else
            {
                channel.Start();
            }

            return channel;
        }
        catch
        {
            if (channel is not null)
            {
                await channel.DisposeAsync();
            }

            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The only words in clear text: the greeting and AUTH TLS (RFC 4217, 4).</summary>
    private async Task AskForProtectionAsync(SocketStream stream, CancellationToken cancellationToken)
    {
        Step = "for the greeting of an FTP server: check Port, and Ftps:Mode (implicit TLS is usual on 990, explicit on 21)";
        var reader = new FtpReplyReader(stream);
        var command = new FtpCommand("AUTH", "TLS");
        var greeting = ReadAsync(reader, cancellationToken);

        // Servers of other kinds wait for the client's first word, and tell with their answer what they are. An FTP server that is only
        // slow finds the command waiting.
        var isAsked = await Task.WhenAny(greeting, Task.Delay(GreetingPatience, _server.Time, cancellationToken)) != greeting && !cancellationToken.IsCancellationRequested;
        if (isAsked)
        {
            await stream.WriteAsync(command.Encode(), cancellationToken);
        }

        // 120: ready in some minutes (RFC 959, 5.4).
        Greet(await greeting is { Code: not 120 } ready ? ready : await ReadAsync(reader, cancellationToken));
        Step = "for the answer to AUTH TLS";
        if (!isAsked)
        {
            await stream.WriteAsync(command.Encode(), cancellationToken);
        }

        var answer = await ReadAsync(reader, cancellationToken);
        if (answer.Code != 234)
        {
            throw new FtpException(FtpFailure.ProtectionRefused, $"The server refused TLS (AUTH TLS: {answer.Code}), and the gateway never logs in without: enable TLS on the server, or set Ftps:Mode to implicit if it listens for that.")
            {
                Reply = answer,
                Command = command,
            };
        }

        // Whatever came after the reply came in clear text, from the server or somebody in between who wants it taken for protected.
        if (reader.HasUnread)
        {
            throw new FtpException(FtpFailure.Protocol, "Clear text followed the server's consent to TLS: somebody may be tampering with the connection.");
        }
    }

    private static async Task<FtpReply> ReadAsync(FtpReplyReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (FtpException e) when (e.Failure == FtpFailure.ConnectionLost)
        {
            throw ClosedEarly(e);
        }
        catch (IOException e)
        {
            throw ClosedEarly(e);
        }
    }

    private void Greet(FtpReply greeting)
    {
        if (greeting.Code != 220)
        {
            throw greeting.Code is >= 400 and < 500
                ? TurnedAway(greeting)
                : new FtpException(FtpFailure.Unreachable, $"The server answered with {greeting.Code} instead of a greeting: check Port, and Ftps:Mode (implicit TLS is usual on 990, explicit on 21).") { Reply = greeting };
        }

        _greeting = string.Join('\n', greeting.Lines);
    }

    private async Task LogInAsync(FtpControlChannel channel, CancellationToken cancellationToken)
    {
        var reply = await channel.SendAsync(new FtpCommand("USER", _server.Username), cancellationToken);
        if (reply.Code == 331)
        {
            var password = _server.Password() ?? throw new FtpException(FtpFailure.LoginRefused, "The server asks for a password, and none is configured: set Password or PasswordFile.");
            reply = (await channel.SendAsync(new FtpCommand("PASS", password, isSecret: true), cancellationToken)).Without(password);
        }

        switch (reply.Code)
        {
            // 202: no password was needed. 232: the client certificate was enough (RFC 4217, 6).
            case 230 or 202 or 232:
                return;
            case 332:
                throw new FtpException(FtpFailure.LoginRefused, "The server wants an account (ACCT) besides user and password, which is not supported.") { Reply = reply };
            case 421:
                throw TurnedAway(reply);
            case >= 400 and < 500:
                throw TurnedAway(reply);
            case 530 when HasWord(reply, "too many", "maximum", "limit") && !HasWord(reply, "attempt", "incorrect", "fail", "invalid"):
                throw TurnedAway(reply);
            case >= 500:
                throw new FtpException(FtpFailure.LoginRefused, $"The server refused the login ({reply.Code}): check Username and Password, and that the account may log in with TLS.") { Reply = reply };
            default:
                throw FtpException.Unexpected(new FtpCommand("USER"), reply);
        }
    }

    private static async Task ProtectDataAsync(FtpControlChannel channel, CancellationToken cancellationToken)
    {
        var command = new FtpCommand("PROT", "P");
        var reply = await channel.SendAsync(command, cancellationToken);
        if (reply.Code != 200)
        {
            throw new FtpException(FtpFailure.ProtectionRefused, $"The server refused to protect data connections (PROT P: {reply.Code}): enable that on the server.")
            {
                Reply = reply,
                Command = command,
            };
        }
    }

    private async Task<FtpFeatures> AgreeAsync(FtpControlChannel channel, CancellationToken cancellationToken)
    {
        // Text mode would change files; it is the default after every login (RFC 959, 3.1.1.1).
        await DoAsync(channel, new FtpCommand("TYPE", "I"), cancellationToken);
        var listed = await channel.SendAsync(new FtpCommand("FEAT"), cancellationToken);
        var features = listed.Code == 211 ? FtpFeatures.Parse(listed) : FtpFeatures.Unknown;
        if (features.Utf8)
        {
            // pure-ftpd (504) and pyftpdlib (501) refuse, and mean that it is always on.
            var answer = await channel.SendAsync(new FtpCommand("OPTS", "UTF8 ON"), cancellationToken);
            _greeting += "\n" + answer.Text;
        }

        if (features.ChosenFacts is { } facts)
        {
            await channel.SendAsync(new FtpCommand("OPTS", "MLST " + facts), cancellationToken);
        }

        var help = await channel.SendAsync(new FtpCommand("SITE", "HELP"), cancellationToken);
        var system = await channel.SendAsync(new FtpCommand("SYST"), cancellationToken);
        return features.With(_greeting, system, help);
    }

    private static async Task DoAsync(FtpControlChannel channel, FtpCommand command, CancellationToken cancellationToken)
    {
        var reply = await channel.SendAsync(command, cancellationToken);
        if (!reply.IsSuccess)
        {
            throw new FtpException(FtpFailure.Protocol, $"The server refused {command}, which every FTPS server knows ({reply.Code}).") { Reply = reply, Command = command };
        }
    }

    private static bool HasWord(FtpReply reply, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (reply.ToString().Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static FtpException Unreachable(string sentence, Exception error) => new(FtpFailure.Unreachable, sentence, error);

    private static FtpException ClosedEarly(Exception error) =>
        Unreachable("The server closed the connection before it said anything useful: it may be full, or block this address, or speak implicit TLS (Ftps:Mode).", error);

    private static FtpException TurnedAway(FtpReply reply) =>
        new(FtpFailure.TurnedAway, $"The server turned the connection away ({reply.Code}): too many connections, or not in service. Lower Pool:MaxConnections if it stays so.") { Reply = reply };
}
