namespace Gateway.Ftps.Protocol;

/// <summary>A failure of a conversation with an FTP server. The message is a sentence for callers and operators, in our own words.</summary>
internal sealed class FtpException : Exception
{
    public FtpException(FtpFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    public FtpFailure Failure { get; }

    /// <summary>The server's answer, where there was one.</summary>
    public FtpReply? Reply { get; init; }

    /// <summary>The command that was answered; default where none was.</summary>
    public FtpCommand Command { get; init; }

    /// <summary>What arrived instead of something sensible: untrusted text, for logs.</summary>
    public string? Evidence { get; init; }

    /// <summary>The server's own words, for logs.</summary>
    public string? Diagnostic => Reply is { } reply ? reply.ToString() : Evidence;

    /// <summary>A copy for another waiter: exceptions are not shared, their stack traces would mix.</summary>
    public FtpException Copy() => new(Failure, Message, InnerException) { Reply = Reply, Command = Command, Evidence = Evidence };

    /// <summary>The server refused <paramref name="command"/>.</summary>
    public static FtpException Refused(FtpCommand command, FtpReply reply) =>
        new(FtpFailure.Refused, $"The server refused {command.Verb} with {reply.Code}.") { Reply = reply, Command = command };

    /// <summary>
    /// The server refused a transfer, or the data connection for it: 425 always speaks of the connection, 522 and ProFTPD's 450 of its TLS
    /// session.
    /// </summary>
    public static FtpException RefusedTransfer(FtpCommand command, FtpReply reply)
    {
        var text = reply.ToString();
        var isConnection = reply.Code is 425 or 522
            || (reply.Code is 426 or 450 or 451 && text.Contains("TLS", StringComparison.Ordinal) && text.Contains("resum", StringComparison.OrdinalIgnoreCase));
        return isConnection
            ? new FtpException(FtpFailure.DataRefused, $"The server built no data connection ({command.Verb}: {reply.Code}): its TLS session rules, or its passive ports, do not let it.") { Reply = reply, Command = command }
            : Refused(command, reply);
    }

    /// <summary>A reply that does not fit what was asked.</summary>
    public static FtpException Unexpected(FtpCommand command, FtpReply reply) =>
        new(FtpFailure.Protocol, $"The server answered {command.Verb} with {reply.Code}, which does not fit.") { Reply = reply, Command = command };
}
