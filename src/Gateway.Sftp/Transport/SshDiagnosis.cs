using System.ComponentModel;
using System.Globalization;

namespace Gateway.Sftp.Transport;

/// <summary>Reads ssh's last words. Nearly every failure of ssh is exit code 255; the cause is in its log.</summary>
/// <remarks>
/// What a server can write itself (a banner before the login, its programs afterwards) also ends up in that log. The phase of the
/// login therefore decides which lines are believed.
/// </remarks>
internal static class SshDiagnosis
{
    /// <summary>ssh could not be started.</summary>
    public static SshFailure OfStart(Win32Exception refused)
    {
        var kind = refused.NativeErrorCode == NativeMethods.ErrorNoEntry ? SshFailureKind.ClientMissing : SshFailureKind.SystemLimit;
        return new SshFailure(kind, SshFailureSentence.Of(kind, "The server"), refused.Message);
    }

    /// <summary>ssh ended, or is about to.</summary>
    /// <param name="exit">How.</param>
    /// <param name="progress">How far it came.</param>
    /// <param name="command">What it was told.</param>
    /// <param name="verdict">Why the gateway ended it, where it did.</param>
    public static SshFailure OfExit(SshExit exit, SshProgress progress, SshCommand command, SshFailureKind? verdict)
    {
        var evidence = new SshEvidence(exit.Log);
        var kind = Refine(verdict ?? SshFailureRules.Find(evidence, progress.Phase) ?? Guess(exit, progress), evidence, command);
        var hostKey = evidence.FindHostKey(progress.Hop);
        return new SshFailure(kind, SshFailureSentence.Of(kind, Who(command, progress.Hop), evidence, hostKey is null ? [] : [hostKey], command), Condense(evidence, exit, command))
        {
            OfferedHostKey = kind is SshFailureKind.HostKeyUnknown or SshFailureKind.HostKeyChanged or SshFailureKind.HostKeyRevoked ? hostKey : null,
        };
    }

    /// <summary>The login did not end in time.</summary>
    public static SshFailure OfTimeout(SshProgress progress, TimeSpan limit, SshCommand command, string log)
    {
        var evidence = new SshEvidence(log);
        var kind = progress.Phase switch
        {
            SshPhase.Connecting => SshFailureKind.ConnectTimeout,
            SshPhase.Greeting => Refine(SshFailureKind.GreetingTimeout, evidence, command),
            SshPhase.Ready => SshFailureKind.SftpTimeout,
            _ => SshFailureKind.LoginTimeout,
        };
        var seconds = string.Create(CultureInfo.InvariantCulture, $" The limit was {limit.TotalSeconds:0.#} s.");
        return new SshFailure(kind, SshFailureSentence.Of(kind, Who(command, progress.Hop)) + seconds, Condense(evidence, null, command));
    }

    /// <summary>The server showed several host keys, one per attempt, and none is pinned.</summary>
    public static SshFailure OfUnknownHostKeys(IReadOnlyList<OfferedHostKey> offered, SshCommand command, string diagnostic) =>
        new(SshFailureKind.HostKeyUnknown, SshFailureSentence.Of(SshFailureKind.HostKeyUnknown, Who(command, offered[0].Hop), null, offered, command), diagnostic)
        {
            OfferedHostKey = offered[0],
        };

    private static SshFailureKind Guess(SshExit exit, SshProgress progress) => (exit, progress) switch
    {
        (_, { Phase: SshPhase.Ready, IsSftpRunning: false }) when exit.Signal is null => SshFailureKind.NoSftp,
        ({ Signal: not null }, _) => SshFailureKind.Killed,
        (_, { Phase: SshPhase.Ready }) => SshFailureKind.ConnectionLost,
        (_, { Phase: SshPhase.Connecting }) => SshFailureKind.Unknown,
        _ => SshFailureKind.ClosedDuringLogin,
    };

    private static SshFailureKind Refine(SshFailureKind kind, SshEvidence evidence, SshCommand command) => kind switch
    {
        // It talks, and not SSH: SMTP and FTP servers greet and then wait.
        SshFailureKind.GreetingTimeout when evidence.Greeting.Count > 0 => SshFailureKind.NotSsh,
        // The one password was right, and the second question is another.
        SshFailureKind.AuthenticationRefused when evidence.HasPartialSuccess && evidence.FindMethods() is null => SshFailureKind.UnexpectedQuestion,
        SshFailureKind.AuthenticationRefused when command.Passphrase is not null && evidence.StoppedAtPrivateKey() => SshFailureKind.PassphraseWrong,
        _ => kind,
    };

    private static string Who(SshCommand command, int hop) =>
        hop < command.Jumps.Count ? $"The jump host {command.Jumps[hop].Host}" : "The server";

    /// <summary>Without the debug lines, but for the few that tell something, and without a secret that a server may have repeated.</summary>
    private static string Condense(SshEvidence evidence, SshExit? exit, SshCommand command)
    {
        var end = exit switch
        {
            { Code: { } code } => string.Create(CultureInfo.InvariantCulture, $"ssh exit code {code}"),
            { Signal: { } signal } => string.Create(CultureInfo.InvariantCulture, $"ssh ended by signal {signal}"),
            _ => "ssh still running",
        };
        var telling = evidence.All.Where(line => !line.StartsWith("debug1: ", StringComparison.Ordinal) || IsTelling(line));
        return command.Redact(string.Join('\n', telling.Prepend(end)));
    }

    private static bool IsTelling(string line) =>
        line.Contains("kex_exchange_identification", StringComparison.Ordinal)
        || line.StartsWith("debug1: Server host ", StringComparison.Ordinal)
        || line.StartsWith("debug1: Remote protocol version ", StringComparison.Ordinal)
        || line.StartsWith("debug1: Authentications that can continue", StringComparison.Ordinal);
}
