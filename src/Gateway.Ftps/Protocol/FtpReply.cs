namespace Gateway.Ftps.Protocol;

/// <summary>One reply (RFC 959, 4.2): a code, and text that is untrusted.</summary>
/// <param name="Code">100 to 599.</param>
/// <param name="Lines">
/// The text without line ends. The code is cut from the first and the last line; lines between are as they came.
/// </param>
internal sealed record FtpReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>1xx: another reply follows.</summary>
    public bool IsPreliminary => Code < 200;

    /// <summary>2xx: done.</summary>
    public bool IsSuccess => Code is >= 200 and < 300;

    /// <summary>3xx: the server waits for the next command.</summary>
    public bool IsIntermediate => Code is >= 300 and < 400;

    /// <summary>4xx or 5xx.</summary>
    public bool IsRefusal => Code >= 400;

    /// <summary>The server does not know the command, or not with this argument.</summary>
    public bool IsUnknownCommand => Code is 500 or 501 or 502 or 504;

    /// <summary>The last line.</summary>
    public string Text => Lines[^1];

    /// <summary>The same without a secret that the server repeats: replies are logged. What is shorter than four characters stands in any text by chance.</summary>
    public FtpReply Without(string secret) => secret.Length < 4 || !Lines.Any(line => line.Contains(secret, StringComparison.Ordinal))
        ? this
        : this with { Lines = [.. Lines.Select(line => line.Replace(secret, "***", StringComparison.Ordinal))] };

    /// <summary>For logs: one line, without control characters.</summary>
    public override string ToString() => $"{Code} {string.Join(" | ", Lines.Select(Printable))}";

    private static string Printable(string line) => FtpCommand.HasControl(line) ? string.Concat(line.Select(c => char.IsControl(c) ? '?' : c)) : line;
}
