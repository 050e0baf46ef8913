using System.Text.RegularExpressions;

namespace Gateway.Sftp.Transport;

/// <summary>
/// Decides what to type when ssh asks. The password is given once per server: a second question means that it was refused, and
/// another wrong answer would only bring the account closer to being locked.
/// </summary>
internal sealed partial class SshPrompts
{
    private const RegexOptions Matching = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    private readonly string? _password;
    private readonly string? _passphrase;
    private readonly Dictionary<string, int> _passwordsLeft = new(StringComparer.Ordinal);
    private readonly int _servers;
    private string _lastQuestion = "";
    private int _passphrasesLeft;

    /// <param name="command">Holds the secrets.</param>
    public SshPrompts(SshCommand command)
    {
        _password = command.Password;
        _passphrase = command.Passphrase;
        _servers = command.Jumps.Count + 1;
        _passphrasesLeft = _servers;
        foreach (var jump in command.Jumps)
        {
            Expect(jump.Username ?? command.Username, jump.Host);
        }

        Expect(command.Username, command.Host);
    }

    /// <summary>Judges what stands on the terminal since the last answer.</summary>
    /// <param name="shown">The text; more of it may be on its way.</param>
    /// <param name="isHidden">Whether the answer is typed without echo: a question for a secret.</param>
    /// <param name="isComplete">Whether nothing more came for a while.</param>
    public SshPromptDecision Decide(string shown, bool isHidden, bool isComplete)
    {
        var text = shown.Trim();
        if (text.Length == 0 || (!isComplete && !(isHidden && text[^1] is ':' or '?' or '>')))
        {
            return SshPromptDecision.Wait;
        }

        if (text.StartsWith("Enter passphrase for ", StringComparison.Ordinal))
        {
            return _passphrase is null || _passphrasesLeft-- <= 0
                ? SshPromptDecision.Refuse(SshFailureKind.PassphraseWrong)
                : SshPromptDecision.Type(_passphrase);
        }

        var (server, question) = Split(text);
        if (WantsNewPassword().IsMatch(question))
        {
            return SshPromptDecision.Refuse(SshFailureKind.PasswordExpired);
        }

        // A client that names no server before the question: one answer per server of the chain.
        var left = _passwordsLeft.GetValueOrDefault(server, _servers);
        if (left == 0)
        {
            var isAgain = MentionsPassword(question) || string.Equals(question, _lastQuestion, StringComparison.OrdinalIgnoreCase);
            return SshPromptDecision.Refuse(isAgain ? SshFailureKind.AuthenticationRefused : SshFailureKind.UnexpectedQuestion);
        }

        if (_password is null || WantsPerson().IsMatch(question) || !(isHidden || MentionsPassword(question)))
        {
            return SshPromptDecision.Refuse(SshFailureKind.UnexpectedQuestion);
        }

        _passwordsLeft[server] = left - 1;
        _lastQuestion = question;
        return SshPromptDecision.Type(_password);
    }

    private void Expect(string user, string host)
    {
        var server = $"{user}@{host}".ToUpperInvariant();
        _passwordsLeft[server] = _passwordsLeft.GetValueOrDefault(server) + 1;
    }

    /// <summary>
    /// ssh writes <c>user@host's password:</c> for the method password, and <c>(user@host)</c> before the server's own words for
    /// keyboard-interactive (from 8.7 on; nothing before that).
    /// </summary>
    private static (string Server, string Question) Split(string text)
    {
        var end = text.StartsWith('(') ? text.IndexOf(')', StringComparison.Ordinal) : -1;
        if (end > 0)
        {
            return (text[1..end].ToUpperInvariant(), text[(end + 1)..].Trim());
        }

        end = text.IndexOf("'s password:", StringComparison.Ordinal);
        return end > 0 ? (text[..end].ToUpperInvariant(), text[(end + 3)..]) : ("", text);
    }

    private static bool MentionsPassword(string question) => question.Contains("password", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\b(new|old|current)\)? (unix )?(password|passphrase)\b|\b(expired|retype|re-?enter)\b", Matching, 1000)]
    private static partial Regex WantsNewPassword();

    [GeneratedRegex(@"\(yes/no|\b(pin|token|passcode|one[- ]time|otp|authenticator|duo)\b", Matching, 1000)]
    private static partial Regex WantsPerson();
}
