using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Sftp.Transport;

/// <summary>Reads ssh's last words. Every failure of ssh is exit code 255; the cause is in its log.</summary>
/// <remarks>
/// What a server can write itself (a banner before the login, its shell afterwards) also ends up in that log. The phase of the login
/// therefore decides which lines are believed.
/// </remarks>
internal static partial class SshDiagnosis
{
    /// <summary>ssh could not be started.</summary>
    public static SshFailure OfStart(Win32Exception refused)
    {
        var kind = refused.NativeErrorCode == NativeMethods.ErrorNoEntry ? SshFailureKind.ClientMissing : SshFailureKind.SystemLimit;
        return new SshFailure(kind, SshFailureSentence.Of(kind, "The server", []), refused.Message);
    }

    /// <summary>ssh ended.</summary>
    /// <param name="exit">How.</param>
    /// <param name="phase">How far the login at <paramref name="hop"/> came.</param>
    /// <param name="hop">The server of the chain whose turn it was.</param>
    /// <param name="command">What ssh was told.</param>
    /// <param name="verdict">Why the gateway ended it, where it did.</param>
    public static SshFailure OfExit(SshExit exit, SshPhase phase, int hop, SshCommand command, SshFailureKind? verdict)
    {
        var lines = exit.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var kind = verdict ?? SshFailureRules.Find(lines, phase) ?? Guess(exit, phase);
        var offered = FindOfferedHostKey(lines, hop);
        return new SshFailure(kind, SshFailureSentence.Of(kind, Who(command, hop), offered is null ? [] : [offered]), Condense(lines, exit))
        {
            OfferedHostKey = kind is SshFailureKind.HostKeyUnknown or SshFailureKind.HostKeyChanged or SshFailureKind.HostKeyRevoked ? offered : null,
        };
    }

    /// <summary>The login did not end in time.</summary>
    public static SshFailure OfTimeout(SshPhase phase, int hop, TimeSpan limit, SshCommand command, string log)
    {
        var kind = phase switch
        {
            SshPhase.Connecting => SshFailureKind.ConnectTimeout,
            SshPhase.Greeting => SshFailureKind.GreetingTimeout,
            SshPhase.Ready => SshFailureKind.SftpTimeout,
            _ => SshFailureKind.LoginTimeout,
        };
        var seconds = string.Create(CultureInfo.InvariantCulture, $" (limit {limit.TotalSeconds:0.#} s)");
        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new SshFailure(kind, SshFailureSentence.Of(kind, Who(command, hop), []) + seconds, Condense(lines, null));
    }

    /// <summary>The server showed several host keys, one per attempt, and none is pinned.</summary>
    public static SshFailure OfUnknownHostKeys(IReadOnlyList<OfferedHostKey> offered, SshCommand command, string diagnostic) =>
        new(SshFailureKind.HostKeyUnknown, SshFailureSentence.Of(SshFailureKind.HostKeyUnknown, Who(command, offered[0].Hop), offered), diagnostic)
        {
            OfferedHostKey = offered[0],
        };

    private static SshFailureKind Guess(SshExit exit, SshPhase phase) => (exit, phase) switch
    {
        ({ Signal: not null }, _) => SshFailureKind.Killed,
        (_, SshPhase.Ready) => SshFailureKind.ConnectionLost,
        (_, SshPhase.Connecting) => SshFailureKind.Unknown,
        _ => SshFailureKind.ClosedDuringLogin,
    };

    private static string Who(SshCommand command, int hop) =>
        hop < command.Jumps.Count ? $"The jump host {command.Jumps[hop].Host}" : "The server";

    private static OfferedHostKey? FindOfferedHostKey(string[] lines, int hop)
    {
        var last = lines.Select(line => ServerHostKey().Match(line)).LastOrDefault(match => match.Success);
        return last is null ? null : new OfferedHostKey(last.Groups["type"].Value, last.Groups["fingerprint"].Value, hop);
    }

    /// <summary>Without the debug lines, but for the few that tell something.</summary>
    private static string Condense(string[] lines, SshExit? exit)
    {
        var end = exit switch
        {
            { Code: { } code } => string.Create(CultureInfo.InvariantCulture, $"ssh exit code {code}"),
            { Signal: { } signal } => string.Create(CultureInfo.InvariantCulture, $"ssh ended by signal {signal}"),
            _ => "ssh still running",
        };
        var telling = lines.Where(line => !line.StartsWith("debug1: ", StringComparison.Ordinal) || SshFailureRules.IsTelling(line));
        return string.Join('\n', telling.Prepend(end));
    }

    [GeneratedRegex(@"^debug1: Server host (key|certificate): (?<type>[a-z0-9@.-]+) (?<fingerprint>SHA256:[A-Za-z0-9+/]{43})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ServerHostKey();
}
