using System.Globalization;
using System.Text;

namespace Gateway.Testing.Servers;

/// <summary>ProFTPD with mod_tls as shipped: a data connection must resume the control connection's TLS session.</summary>
public sealed class ProFtpdServer : FtpServer
{
    private ProFtpdServer(FtpServerOptions options, SystemAccount account, TempFolder folder)
        : base(options, account, folder)
    {
    }

    /// <summary>Starts a server.</summary>
    public static async Task<ProFtpdServer> StartAsync(FtpServerOptions? options = null)
    {
        await ServerPackages.EnsureAsync("proftpd");
        var account = await SystemAccount.GetSharedAsync();
        var server = new ProFtpdServer(options ?? new FtpServerOptions(), account, new TempFolder());
        server.Folder.WriteSecret("passwd", string.Create(CultureInfo.InvariantCulture,
            $"{account.Name}:{PasswordHash.Compute(account.Password)}:{account.UserId}:{account.GroupId}::{server.Files.Root}:/bin/false\n"));
        await server.LaunchAsync();
        return server;
    }

    private protected override (IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Environment) Configure()
    {
        Folder.Write("proftpd.conf", BuildConfiguration());
        return ([ServerPackages.GetFile("proftpd", "usr/sbin/proftpd"), "-n", "-c", Folder["proftpd.conf"]], GetEnvironment("proftpd"));
    }

    private string BuildConfiguration()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            ServerName test
            ServerType standalone
            DefaultAddress 127.0.0.1
            SocketBindTight on
            UseIPv6 off
            Port {Port}
            ModulePath {ServerPackages.GetFile("proftpd", "usr/lib/proftpd")}
            LoadModule mod_tls.c
            PassivePorts {PassivePorts} {LastPassivePort}
            User nobody
            Group nogroup
            AuthUserFile {Folder["passwd"]}
            AuthOrder mod_auth_file.c
            RequireValidShell off
            DefaultRoot ~
            Umask 022
            AllowOverwrite on
            AllowStoreRestart on
            UseReverseDNS off
            DelayTable none
            WtmpLog off
            MaxInstances none
            PidFile {Folder["pid"]}
            ScoreboardFile {Folder["scoreboard"]}
            SystemLog {Folder["system.log"]}
            TransferLog {Folder["transfer.log"]}
            <IfModule mod_delay.c>
              DelayEngine off
            </IfModule>

            """);
        if (Options.Tls)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                <IfModule mod_tls.c>
                  TLSEngine on
                  TLSRequired on
                  TLSProtocol {GetProtocols()}
                  TLSRSACertificateFile {CertificateFile}
                  TLSRSACertificateKeyFile {KeyFile}
                  TLSVerifyClient off
                  TLSLog {Folder["tls.log"]}
                  {(Options.Implicit ? "TLSOptions UseImplicitSSL" : "")}
                </IfModule>

                """);
        }

        return text.AppendJoin('\n', Options.ExtraLines).Append('\n').ToString();
    }

    private string GetProtocols() =>
        string.Join(' ', new[] { "1.2", "1.3" }
            .Where(version => string.CompareOrdinal(version, Options.MinimumTls) >= 0 && string.CompareOrdinal(version, Options.MaximumTls) <= 0)
            .Select(version => "TLSv" + version));
}
