namespace Gateway.Sftp.Transport;

/// <summary>
/// Decides what to type when ssh asks. Each question is answered once per server: a second one means that the answer was wrong,
/// and a second wrong answer would only bring the account closer to being locked.
/// </summary>
internal sealed class SshPrompts
{
    private static readonly string[] s_neverAnswered =
    [
        "new password", "new passphrase", "old password", "current password", "current unix password", "current) unix password",
        "retype", "re-enter", "reenter", "change", "expired", "(yes/no", "continue connecting", "pin for", "enter pin", "token", "passcode",
        "one-time", "one time", "otp", "authenticator", "duo",
    ];

    private readonly string? _password;
    private readonly string? _passphrase;
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);
    private int _passphrasesLeft;

    /// <param name="command">Holds the secrets.</param>
    public SshPrompts(SshCommand command)
    {
        _password = command.Password;
        _passphrase = command.Passphrase;
        _passphrasesLeft = command.Jumps.Count + 1;
    }

    /// <summary>
    /// Judges the text of a prompt, as far as it has arrived.
    /// </summary>
    /// <param name="prompt">What stands on the terminal since the last answer.</param>
    /// <param name="answer">What to type; null where the question is refused.</param>
    /// <returns>False: this is no complete question yet.</returns>
    public bool TryDecide(string prompt, out string? answer)
    {
        answer = null;
        var text = prompt.Trim('\r', '\n');
        if (!text.TrimEnd().EndsWith(':') && !text.TrimEnd().EndsWith('?'))
        {
            return false;
        }

        if (text.StartsWith("Enter passphrase for ", StringComparison.Ordinal))
        {
            answer = _passphrasesLeft-- > 0 ? _passphrase : null;
            return true;
        }

        if (!s_neverAnswered.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)) && _answered.Add(ServerOf(text)))
        {
            answer = _password;
        }

        return true;
    }

    /// <summary>
    /// <c>user@host</c> of a prompt: ssh writes <c>user@host's password:</c> for the method password, and <c>(user@host)</c> before
    /// the server's own words for keyboard-interactive.
    /// </summary>
    private static string ServerOf(string text)
    {
        var end = text.StartsWith('(') ? text.IndexOf(')', StringComparison.Ordinal) : text.LastIndexOf("'s password:", StringComparison.Ordinal);
        return end < 0 ? "" : text[..end].TrimStart('(');
    }
}
