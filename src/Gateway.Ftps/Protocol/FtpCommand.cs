using System.Text;

namespace Gateway.Ftps.Protocol;

/// <summary>One command line. No control character gets into it: a CR or LF would end it and start another (GVfs, CVE-2026-28296).</summary>
internal readonly record struct FtpCommand
{
    /// <param name="verb">The command's name.</param>
    /// <param name="argument">The rest of the line, or null.</param>
    /// <param name="isSecret">Whether the argument may never be shown.</param>
    /// <exception cref="ArgumentException">A control character.</exception>
    public FtpCommand(string verb, string? argument = null, bool isSecret = false)
    {
        if (HasControl(verb) || HasControl(argument))
        {
            throw new ArgumentException("An FTP command cannot hold control characters.", nameof(argument));
        }

        Verb = verb;
        Argument = argument;
        IsSecret = isSecret;
    }

    public string Verb { get; }

    public string? Argument { get; }

    public bool IsSecret { get; }

    /// <summary>Whether <paramref name="text"/> cannot be sent.</summary>
    public static bool HasControl(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The line in UTF-8 with its CR LF.</summary>
    public byte[] Encode() => Encoding.UTF8.GetBytes(Argument is null ? Verb + "\r\n" : $"{Verb} {Argument}\r\n");

    public override string ToString() => Argument is null ? Verb : IsSecret ? Verb + " ***" : $"{Verb} {Argument}";
}
