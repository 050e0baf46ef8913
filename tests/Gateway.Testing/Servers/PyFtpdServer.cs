using System.Globalization;

namespace Gateway.Testing.Servers;

/// <summary>pyftpdlib, explicit TLS.</summary>
public sealed class PyFtpdServer : FtpServer
{
    private PyFtpdServer(FtpServerOptions options, SystemAccount account, TempFolder folder)
        : base(options, account, folder)
    {
    }

    /// <summary>Starts a server.</summary>
    public static async Task<PyFtpdServer> StartAsync(FtpServerOptions? options = null)
    {
        await ServerPackages.EnsureAsync("python");
        var server = new PyFtpdServer(options ?? new FtpServerOptions(), await SystemAccount.GetSharedAsync(), new TempFolder());
        if (server.Options.Implicit)
        {
            throw new NotSupportedException("pyftpdlib has no implicit TLS.");
        }

        server.Folder.Write("pyftpd.py", EmbeddedText.Read("pyftpd.py"));
        await server.LaunchAsync();
        return server;
    }

    private protected override (IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Environment) Configure()
    {
        Account.Own(CombinedFile);
        var environment = GetEnvironment(null);
        environment["SERVER_PASSWORD"] = Password;
        return ([
            .. Account.GetRunAs(), "/usr/bin/python3", "-B", "-W", "ignore", Folder["pyftpd.py"],
            Port.ToString(CultureInfo.InvariantCulture),
            PassivePorts.ToString(CultureInfo.InvariantCulture),
            LastPassivePort.ToString(CultureInfo.InvariantCulture),
            Files.Root, Username, Options.Tls ? CombinedFile : "",
        ], environment);
    }
}
