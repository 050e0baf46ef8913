using System.Text.RegularExpressions;

namespace Gateway.Sftp.Transport;

/// <summary>The part of ssh's log that concerns the server whose turn it was, sorted by who can have written it.</summary>
internal sealed partial class SshEvidence
{
    private const string GreetingLine = "debug1: kex_exchange_identification: banner line ";

    private readonly string[] _lines;

    /// <param name="log">The whole log.</param>
    public SshEvidence(string log)
    {
        var all = log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var login = Array.FindLastIndex(all, line => line.StartsWith("Authenticated to ", StringComparison.Ordinal));
        _lines = all[(login + 1)..];
        Messages = [.. _lines.Where(line => !line.StartsWith("debug1: ", StringComparison.Ordinal))];
        Greeting = [.. _lines.Where(line => line.StartsWith(GreetingLine, StringComparison.Ordinal))];
        All = all;
    }

    /// <summary>Every line.</summary>
    public IReadOnlyList<string> All { get; }

    /// <summary>What is no debug line: ssh's messages, and from the login on also the server's.</summary>
    public IReadOnlyList<string> Messages { get; }

    /// <summary>What the server sent instead of, or before, an SSH greeting.</summary>
    public IReadOnlyList<string> Greeting { get; }

    /// <summary>Whether the server accepted one credential and wanted another.</summary>
    public bool HasPartialSuccess => Messages.Any(line => line.StartsWith("Authenticated using ", StringComparison.Ordinal));

    /// <summary>The host key that the server showed last, with its place in the chain.</summary>
    public OfferedHostKey? FindHostKey(int hop)
    {
        var match = _lines.Select(line => ServerHostKey().Match(line)).LastOrDefault(match => match.Success);
        return match is null ? null : new OfferedHostKey(match.Groups["type"].Value, match.Groups["fingerprint"].Value, hop);
    }

    /// <summary>The ways to log in that the server has left open: <c>publickey,password</c>. Only names of methods pass.</summary>
    public string? FindMethods() => FindWord(PermissionDenied(), Messages);

    /// <summary>What could not be agreed on: <c>host key type</c>, <c>cipher</c>.</summary>
    public string? FindMissingAlgorithm() => FindWord(NoMatching(), Messages);

    /// <summary>What the server has of it. Only names of algorithms pass.</summary>
    public string? FindOffer() => FindWord(TheirOffer(), Messages);

    /// <summary>
    /// A wrong passphrase leaves no message: ssh took the key up, the server agreed or was not asked yet, and no answer to a
    /// signature followed.
    /// </summary>
    public bool StoppedAtPrivateKey()
    {
        var tried = Array.FindLastIndex(
            _lines,
            line => line.StartsWith("debug1: Server accepts key: ", StringComparison.Ordinal)
                || line.StartsWith("debug1: Trying private key: ", StringComparison.Ordinal));
        return tried >= 0
            && !_lines[tried..].Any(line => line.StartsWith("debug1: Authentications that can continue: ", StringComparison.Ordinal));
    }

    private static string? FindWord(Regex pattern, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            if (pattern.Match(line) is { Success: true } match)
            {
                return match.Groups["word"].Value;
            }
        }

        return null;
    }

    [GeneratedRegex(@"^debug1: Server host (key|certificate): (?<type>[A-Za-z0-9@.-]{1,64}) (?<fingerprint>SHA256:[A-Za-z0-9+/]{43})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServerHostKey();

    [GeneratedRegex(@": Permission denied \((?<word>[a-z0-9@.,-]{1,120})\)\.$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PermissionDenied();

    [GeneratedRegex(@"no matching (?<word>host key type|cipher|MAC|key exchange method|compression method) found", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NoMatching();

    [GeneratedRegex(@"Their offer: (?<word>[A-Za-z0-9@.,_-]{1,300})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TheirOffer();
}
