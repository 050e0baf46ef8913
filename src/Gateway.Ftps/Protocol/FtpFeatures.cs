namespace Gateway.Ftps.Protocol;

/// <summary>What a server announces with FEAT (RFC 2389). Where it knows no FEAT, only what most servers have is assumed.</summary>
internal sealed record FtpFeatures
{
    private static readonly string[] s_wantedFacts = ["type", "size", "modify", "UNIX.mode"];

    /// <summary>A server that knows no FEAT.</summary>
    public static FtpFeatures Unknown { get; } = new();

    /// <summary>MLST, and with it MLSD (RFC 3659, 7.8).</summary>
    public bool MachineListings { get; private init; }

    /// <summary>What to choose with OPTS MLST; null where the server's choice is right or cannot be changed.</summary>
    public string? ChosenFacts { get; private init; }

    /// <summary>Names are UTF-8 (RFC 2640).</summary>
    public bool Utf8 { get; private init; }

    /// <summary>MFMT sets modification times.</summary>
    public bool SetTime { get; private init; }

    /// <summary>pure-ftpd, known by a fact that no other server has: it must be heard out before an aborted data connection is closed.</summary>
    public bool IsPureFtpd { get; private init; }

    /// <summary>The server's paths, and what it does to files, are those of Unix.</summary>
    public bool IsUnix { get; private init; }

    /// <summary>vsftpd, which has ways of its own: LIST leaves out names with a leading dot unless told, MDTM sets times.</summary>
    public bool IsVsftpd { get; private init; }

    /// <summary>pyftpdlib resets a data connection whose handshake begins before it has read the command.</summary>
    public bool WantsHandshakeLate { get; private init; }

    /// <summary>SITE CHMOD sets permissions.</summary>
    public bool SetPermissions { get; private init; }

    /// <summary>Reads the reply to FEAT.</summary>
    public static FtpFeatures Parse(FtpReply reply)
    {
        var features = new FtpFeatures();
        for (var i = 1; i < reply.Lines.Count - 1; i++)
        {
            var line = reply.Lines[i].AsSpan().Trim();
            var space = line.IndexOf(' ');
            var name = space < 0 ? line : line[..space];
            var rest = space < 0 ? default : line[(space + 1)..].Trim();
            features = features.With(name, rest);
        }

        return features;
    }

    /// <summary>Adds what other replies tell.</summary>
    /// <param name="greeting">The greeting, and the answer to OPTS UTF8 ON, by which vsftpd is known where its banner was changed.</param>
    /// <param name="system">The reply to SYST.</param>
    /// <param name="help">The reply to SITE HELP.</param>
    public FtpFeatures With(string greeting, FtpReply system, FtpReply help) => this with
    {
        IsVsftpd = greeting.Contains("vsFTPd", StringComparison.OrdinalIgnoreCase) || greeting.Contains("Always in UTF8 mode", StringComparison.Ordinal),
        WantsHandshakeLate = greeting.Contains("pyftpdlib", StringComparison.OrdinalIgnoreCase),
        IsUnix = system.Code == 215 && system.Text.StartsWith("UNIX", StringComparison.OrdinalIgnoreCase),
        SetPermissions = help.IsSuccess && help.Lines.Any(line => line.Contains("CHMOD", StringComparison.OrdinalIgnoreCase)),
    };

    private FtpFeatures With(ReadOnlySpan<char> name, ReadOnlySpan<char> rest) => name switch
    {
        _ when Is(name, "MLST") || Is(name, "MLSD") => this with 
        {
            MachineListings = true,
            ChosenFacts = ChosenFacts ?? Choose(rest),
            IsPureFtpd = IsPureFtpd || rest.Contains("sizd", StringComparison.OrdinalIgnoreCase),
        },
        _ when Is(name, "UTF8") => this with { Utf8 = true },
        _ when Is(name, "MFMT") => this with { SetTime = true },
        _ => this,
    };

    /// <summary>Facts are offered as <c>type*;size*;perm;</c>, a star marking those that are on. Fewer facts make a listing shorter and faster.</summary>
    private static string? Choose(ReadOnlySpan<char> offered)
    {
        var chosen = "";
        var isExact = true;
        var seen = 0;
        foreach (var part in offered.Split(';'))
        {
            var fact = offered[part].Trim();
            if (fact.IsEmpty)
            {
                continue;
            }

            var isOn = fact[^1] == '*';
            var factName = fact.TrimEnd('*').ToString();
            var wanted = 1 << (Array.FindIndex(s_wantedFacts, name => name.Equals(factName, StringComparison.OrdinalIgnoreCase)) + 1) >> 1;

            // Each once, however often the server names it.
            chosen += (wanted & ~seen) != 0 ? factName + ";" : "";
            seen |= wanted;
            isExact &= isOn == (wanted != 0);
        }

        return isExact || chosen.Length == 0 ? null : chosen;
    }

    private static bool Is(ReadOnlySpan<char> text, string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);
}
