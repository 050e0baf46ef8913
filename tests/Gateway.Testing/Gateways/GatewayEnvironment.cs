using System.Globalization;
using Gateway.Testing.Servers;

namespace Gateway.Testing.Gateways;

/// <summary>What configures a <see cref="GatewayProcess"/> or <see cref="GatewayHost"/>.</summary>
public static class GatewayEnvironment
{
    /// <summary>Those of one backend.</summary>
    /// <param name="server">Its server.</param>
    /// <param name="name">Its name.</param>
    public static Dictionary<string, string?> For(TestServer server, string name)
    {
        var prefix = $"Gateway__Backends__{name}__";
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [prefix + "Host"] = server.Host,
            [prefix + "Port"] = server.Port.ToString(CultureInfo.InvariantCulture),
            [prefix + "Username"] = server.Username,
            [prefix + "Password"] = server.Password,
            [prefix + "Root"] = server.RemoteRoot,
        };
        if (server is SshServer ssh)
        {
            environment[prefix + "Protocol"] = "sftp";
            environment[prefix + "Sftp__HostKeyFingerprints__0"] = ssh.HostKeyFingerprints[0];
        }
        else
        {
            environment[prefix + "Protocol"] = "ftps";
            environment[prefix + "Ftps__CertificateAuthorityFile"] = ((FtpServer)server).AuthorityFile;
        }

        return environment;
    }

    /// <summary>Says what tests mostly need, that callers need no key, where they say nothing about identity.</summary>
    /// <param name="settings">What a test says.</param>
    /// <param name="delimiter">What separates the parts of a key.</param>
    internal static IEnumerable<KeyValuePair<string, string?>> LetEverybodyIn(IEnumerable<KeyValuePair<string, string?>> settings, string delimiter)
    {
        var identity = $"Gateway{delimiter}Identity{delimiter}";
        return settings.Any(pair => pair.Key.StartsWith(identity, StringComparison.OrdinalIgnoreCase))
            ? settings
            : settings.Append(KeyValuePair.Create(identity + "Anonymous", (string?)"true"));
    }
}
