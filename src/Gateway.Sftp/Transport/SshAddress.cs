using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Sftp.Transport;

/// <summary>
/// What may stand for a host, a user and a jump host. Narrower than what ssh takes: these words become arguments, parts of a
/// ProxyCommand, and keys of a known hosts file.
/// </summary>
internal static class SshAddress
{
    /// <summary>Why a text cannot be a host, as a sentence; null if it can.</summary>
    public static string? WhyNotHost(string host)
    {
        if (host.Length is 0 or > 253)
        {
            return "Write a host name or an IP address.";
        }

        if (IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return host.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not (':' or '.' or '%' or '-' or '_'))
                ? "Write an IPv6 address without brackets."
                : null;
        }

        if (host.Contains("://", StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal))
        {
            return "Write the bare host name: no scheme and no port; the port has a key of its own.";
        }

        if (host.Contains('@', StringComparison.Ordinal))
        {
            return "Write the bare host name: the account has a key of its own, Username.";
        }

        return host[0] == '-' || host.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_'))
            ? "A host name has only letters, digits, dots, hyphens and underscores, and does not begin with a hyphen."
            : null;
    }

    /// <summary>Why a text cannot be an account's name, as a sentence; null if it can. The characters are those that ssh refuses.</summary>
    public static string? WhyNotUser(string user)
    {
        if (user.Length == 0)
        {
            return "Write the account's name.";
        }

        return user[0] == '-'
            || user[^1] == '\\'
            || user.Contains(" -", StringComparison.Ordinal)
            || user.Any(c => char.IsControl(c) || char.IsSurrogate(c) || "'`\";&<>|(){}".Contains(c, StringComparison.Ordinal))
            ? "ssh accepts no account name that begins with a hyphen, ends with a backslash or has one of '`\";&<>|(){}."
            : null;
    }

    /// <summary>Reads <c>[user@]host[:port][,…]</c>, an IPv6 address in brackets, in the order in which the hosts are passed.</summary>
    /// <param name="text">What was configured.</param>
    /// <param name="jumps">The result; empty on failure.</param>
    /// <param name="reason">Why not, as a sentence.</param>
    public static bool TryParseJumps(string text, out IReadOnlyList<JumpHost> jumps, out string? reason)
    {
        var result = new List<JumpHost>();
        jumps = [];
        reason = null;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var jump = ParseJump(part, out reason);
            if (jump is null)
            {
                return false;
            }

            result.Add(jump);
        }

        jumps = result;
        return true;
    }

    private static JumpHost? ParseJump(string text, out string? reason)
    {
        const string Form = "Write user@host:port, several of them with commas in between; an IPv6 address in brackets.";
        var rest = text.StartsWith("ssh://", StringComparison.Ordinal) ? text[6..].TrimEnd('/') : text;
        var at = rest.LastIndexOf('@');
        var user = at < 0 ? null : rest[..at];
        rest = rest[(at + 1)..];
        var port = 22;
        string host;
        if (rest.StartsWith('['))
        {
            var end = rest.IndexOf(']', StringComparison.Ordinal);
            host = end < 0 ? "" : rest[1..end];
            rest = end < 0 ? "" : rest[(end + 1)..];
        }
        else
        {
            var colon = rest.IndexOf(':', StringComparison.Ordinal);
            host = colon < 0 ? rest : rest[..colon];
            rest = colon < 0 ? "" : rest[colon..];
        }

        if (rest.Length > 0
            && (rest[0] != ':' || !int.TryParse(rest.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port is < 1 or > 65535))
        {
            reason = "The port of a jump host is a number from 1 to 65535. " + Form;
            return null;
        }

        reason = WhyNotHost(host) ?? (user is null ? null : WhyNotUser(user));
        if (reason is not null)
        {
            reason = $"{Form} {reason}";
            return null;
        }

        return new JumpHost(user, host, port);
    }
}
