using System.Text;
using Gateway.Broker.Backends;
using Gateway.Sftp;
using Gateway.Sftp.Transport;

namespace Gateway.Fuzz.Targets;

/// <summary>What ssh, and servers through it, write to stderr and to the terminal.</summary>
internal static class SshTargets
{
    private const string Secret = "hunter2-and-more";

    private static readonly SshCommand s_command = new() { Host = "server", Username = "alice", Password = Secret, Passphrase = Secret };

    public static IEnumerable<FuzzTarget> All =>
    [
        new("ssh-log", input => Run(() => Diagnose(input)))
        {
            BytesPerInput = 512 * 1024,
            Words =
            [
                "debug1: Connection established.\n", "debug1: Remote protocol version 2.0, remote software version x\n", "debug1: SSH2_MSG_NEWKEYS received\n",
                "Authenticated to server ([::1]:22) using \"publickey\".\n", ": Permission denied (publickey,password).\n", "Connection reset by peer\n",
                "debug1: Server host key: ssh-ed25519 SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU\n", "no matching cipher found. Their offer: aes\n",
                "debug1: kex_exchange_identification: banner line 0: HTTP/1.1\n", "\r\n",
            ],
        },
        new("ssh-prompts", input => Run(() => Answer(input)))
        {
            Words = ["alice@server's password: ", "(alice@server) Password: ", "Enter passphrase for key '/k': ", "new password", "one-time", "yes/no", "?", ":"],
        },
    ];

    private static ValueTask Run(Action act)
    {
        act();
        return ValueTask.CompletedTask;
    }

    private static void Diagnose(byte[] input)
    {
        var log = new SshLog(1);
        for (var rest = input.AsSpan(); !rest.IsEmpty; rest = rest[Math.Min(4096, rest.Length)..])
        {
            log.Append(rest[..Math.Min(4096, rest.Length)]);
        }

        var text = log.Text;
        FuzzFailure.Unless(text.Length <= 40 * 1024, "The log grows with what the server writes.");
        foreach (var isRunning in new[] { false, true })
        {
            var failure = SshDiagnosis.OfExit(new SshExit(255, null, text), new SshProgress(log.Phase, log.Hop, isRunning), s_command, verdict: null);
            OfFailure(failure);
        }

        OfFailure(SshDiagnosis.OfTimeout(new SshProgress(log.Phase, log.Hop, false), TimeSpan.FromSeconds(1), s_command, text));
    }

    private static void OfFailure(SshFailure failure)
    {
        Promises.OfLine(failure.Message);
        FuzzFailure.Unless(failure.Message.Length is > 0 and < 2000, "The sentence is empty, or without end.");
        FuzzFailure.Unless(SshErrors.Translate(new SshException(failure)) is BackendException, "A failure without a translation.");
    }

    private static void Answer(byte[] input)
    {
        var prompts = new SshPrompts(s_command);
        var typed = 0;
        foreach (var question in Encoding.UTF8.GetString(input).Split('\n'))
        {
            var shown = question.Length > 2048 ? question[^2048..] : question;
            var decision = prompts.Decide(shown, isHidden: question.Length % 2 == 0, isComplete: question.Length % 3 == 0);
            typed += decision.Answer is null ? 0 : 1;
        }

        // One password for the server, known by name or not, and one passphrase.
        FuzzFailure.Unless(typed <= 64, "Secrets are typed as often as the server asks.");
    }
}
