using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Gateway.Ftps.Transport;

namespace Gateway.Ftps.Protocol;

/// <summary>The spans of the source <c>Gateway.Ftps</c>. Where nobody listens nothing is made for them.</summary>
internal static class FtpActivities
{
    public const string SourceName = "Gateway.Ftps";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// A data connection is built: passive mode, TCP, the command and the TLS handshake; below the request's span. The command's path is
    /// the caller's business and not told.
    /// </summary>
    public static Activity? StartDataConnect(FtpServerSettings server, FtpCommand command)
    {
        var activity = Source.StartActivity("ftp.data.connect", ActivityKind.Client);
        return activity is null ? null : Describe(activity, server, command);
    }

    /// <summary>Notes a failure; a caller that left is none.</summary>
    public static void Fail(Activity? activity, Exception failure)
    {
        if (failure is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag("error.type", NameOf(failure));
        }
    }

    private static Activity Describe(Activity activity, FtpServerSettings server, FtpCommand command) => activity
        .SetTag("gateway.backend", server.Name)
        .SetTag("gateway.ftp.command", command.Verb)
        .SetTag("network.protocol.name", "ftps")
        .SetTag("server.address", server.Host)
        .SetTag("server.port", server.Port);

    private static string NameOf(Exception failure) => failure switch
    {
        TlsException { Failure: TlsFailure.Certificate } => "certificate_invalid",
        TlsException => "tls_handshake",
        FtpException { Reply: { } reply } => reply.Code.ToString(CultureInfo.InvariantCulture),
        FtpException { Failure: FtpFailure.Timeout } => "timeout",
        FtpException { Failure: FtpFailure.ConnectionLost or FtpFailure.Truncated } => "connection_lost",
        FtpException { Failure: FtpFailure.DataRefused or FtpFailure.Refused } => "refused",
        FtpException { Failure: FtpFailure.Protocol } => "protocol_error",
        FtpException or SocketException => "unreachable",
        _ => "_OTHER",
    };
}
