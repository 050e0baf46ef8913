using System.Globalization;
using Gateway.Testing.Servers;

namespace Gateway.Testing.Gateways;

/// <summary>Environment variables that configure a <see cref="GatewayProcess"/>.</summary>
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
}
