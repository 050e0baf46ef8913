using System.Globalization;

namespace Gateway.Sftp.Transport;

/// <summary>
/// The argument list. ssh reads no configuration file (<c>-F none</c>): what stands here is all there is. It works with any
/// OpenSSH from <see cref="SshProgram.OldestVersion"/> on.
/// </summary>
internal static class SshArguments
{
    // AES in hardware moves twice what ChaCha does. '^' puts these first and keeps every other cipher after them.
    private const string PreferredCiphers = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com";

    /// <summary>The arguments of the child that carries the SFTP channel, the program's name first.</summary>
    public static IReadOnlyList<string> ForSftp(SshCommand command)
    {
        var target = command.Jumps.Count;
        var arguments = ForHop(command, target);
        arguments.AddRange(["-s", "--", command.Host, "sftp"]);
        return arguments;
    }

    /// <summary>The child's whole environment.</summary>
    /// <remarks>
    /// HOME leads nowhere: no file of a user's may change what ssh does. SSH_ASKPASS_REQUIRE=never keeps ssh from running any
    /// askpass program that is installed; it asks on its terminal.
    /// </remarks>
    public static IReadOnlyList<string> Environment { get; } =
        ["PATH=" + SshProgram.SearchPath, "HOME=/nonexistent", "LC_ALL=C", "SSH_ASKPASS_REQUIRE=never"];

    /// <summary>Everything but what to run there. Hop n is jump host n; the hop after the last jump host is the target.</summary>
    private static List<string> ForHop(SshCommand command, int hop)
    {
        var arguments = new List<string> { "ssh", "-F", "none", "-T", "-a", "-x" };
        AddSession(arguments, command);
        AddHostKeyRules(arguments, command, hop);
        AddCredentials(arguments, command);
        arguments.Add("-o");
        arguments.Add("ProxyCommand=" + (hop == 0 ? "none" : ProxyCommand(command, hop - 1)));
        var (user, port) = hop < command.Jumps.Count
            ? (command.Jumps[hop].Username ?? command.Username, command.Jumps[hop].Port)
            : (command.Username, command.Port);
        arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture), "-l", user]);
        return arguments;
    }

    private static void AddSession(List<string> arguments, SshCommand command)
    {
        var connectSeconds = Math.Max(1, (int)Math.Ceiling(command.ConnectTimeout.TotalSeconds));
        AddOptions(
            arguments,
            "LogLevel=DEBUG1",
            string.Create(CultureInfo.InvariantCulture, $"ConnectTimeout={connectSeconds}"),
            "ConnectionAttempts=1",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=3",
            "TCPKeepAlive=yes",
            "IPQoS=none",
            "Compression=no",
            "Ciphers=" + PreferredCiphers,
            "ClearAllForwardings=yes",
            "ForwardAgent=no",
            "Tunnel=no",
            "PermitLocalCommand=no",
            "ControlMaster=no",
            "ControlPath=none",
            "CanonicalizeHostname=no",
            "EscapeChar=none");
    }

    private static void AddHostKeyRules(List<string> arguments, SshCommand command, int hop)
    {
        AddOptions(
            arguments,
            "StrictHostKeyChecking=yes",
            "UserKnownHostsFile=" + (command.KnownHostsFile is { } file ? QuotePath(file) : "none"),
            "GlobalKnownHostsFile=none",
            "FingerprintHash=sha256",
            "UpdateHostKeys=no",
            "CheckHostIP=no",
            "VerifyHostKeyDNS=no",
            "NoHostAuthenticationForLocalhost=no");
        if (command.HostKeyFingerprints.Count > 0)
        {
            AddOptions(arguments, "KnownHostsCommand=" + PinnedHostKeys.Command(command.HostKeyFingerprints));
        }

        if (hop < command.HostKeyAlgorithms.Count && command.HostKeyAlgorithms[hop] is { } algorithms)
        {
            AddOptions(arguments, "HostKeyAlgorithms=" + algorithms);
        }
    }

    private static void AddCredentials(List<string> arguments, SshCommand command)
    {
        AddOptions(
            arguments,
            "IdentityAgent=none",
            "IdentitiesOnly=yes",
            "AddKeysToAgent=no",
            "GSSAPIAuthentication=no",
            "HostbasedAuthentication=no",
            "NumberOfPasswordPrompts=1",
            "BatchMode=" + YesNo(!command.HasSecrets),
            "PubkeyAuthentication=" + YesNo(command.PrivateKeyFile is not null),
            "PasswordAuthentication=" + YesNo(command.Password is not null),
            "KbdInteractiveAuthentication=" + YesNo(command.Password is not null),
            "PreferredAuthentications=publickey,password,keyboard-interactive",
            "IdentityFile=" + (command.PrivateKeyFile is { } key ? QuotePath(key) : "none"));
        if (command.CertificateFile is { } certificate)
        {
            AddOptions(arguments, "CertificateFile=" + QuotePath(certificate));
        }
    }

    /// <summary>
    /// A command line for /bin/sh that connects standard input and output to the next hop. ssh's own ProxyJump would start a
    /// child with few of these options.
    /// </summary>
    private static string ProxyCommand(SshCommand command, int hop)
    {
        var (host, port) = hop + 1 < command.Jumps.Count
            ? (command.Jumps[hop + 1].Host, command.Jumps[hop + 1].Port)
            : (command.Host, command.Port);
        var bracketed = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        var arguments = ForHop(command, hop);
        arguments[0] = command.Program;
        arguments.AddRange(["-W", string.Create(CultureInfo.InvariantCulture, $"{bracketed}:{port}"), "--", command.Jumps[hop].Host]);

        // ssh expands % before the shell sees the line.
        return string.Join(' ', arguments.Select(QuoteForShell)).Replace("%", "%%", StringComparison.Ordinal);
    }

    private static void AddOptions(List<string> arguments, params ReadOnlySpan<string> options)
    {
        foreach (var option in options)
        {
            arguments.Add("-o");
            arguments.Add(option);
        }
    }

    private static string QuoteForShell(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>As one word of an option that ssh splits, with its % tokens taken literally.</summary>
    private static string QuotePath(string path) =>
        '"' + path.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("%", "%%", StringComparison.Ordinal) + '"';

    private static string YesNo(bool value) => value ? "yes" : "no";
}
