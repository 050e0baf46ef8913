using System.Globalization;
using System.Text;

namespace Gateway.Testing.Servers;

/// <summary>vsftpd with <c>require_ssl_reuse=YES</c>.</summary>
public sealed class VsftpdServer : FtpServer
{
    private VsftpdServer(FtpServerOptions options, SystemAccount account, TempFolder folder)
        : base(options, account, folder)
    {
    }

    /// <summary>Starts a server.</summary>
    public static async Task<VsftpdServer> StartAsync(FtpServerOptions? options = null)
    {
        await ServerPackages.EnsureAsync("vsftpd");
        var server = new VsftpdServer(options ?? new FtpServerOptions(), await SystemAccount.GetSharedAsync(), new TempFolder());
        server.Folder.CreateFolder("empty");
        await server.LaunchAsync();
        return server;
    }

    private protected override (IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Environment) Configure()
    {
        // Its own PAM service: the one Debian ships would refuse an account without a listed shell. The janitor removes it.
        var service = $"gateway-tests-{TestProcess.Mark}";
        File.WriteAllText(Path.Combine("/etc/pam.d", service), "auth required pam_unix.so\naccount required pam_unix.so\n");
        Folder.Write("vsftpd.conf", BuildConfiguration(service));
        return ([ServerPackages.GetFile("vsftpd", "usr/sbin/vsftpd"), Folder["vsftpd.conf"]], GetEnvironment("vsftpd"));
    }

    /// <remarks>
    /// Without a lock on the log: each session is of three processes, and where a test kills one of them the others can hang for good. One
    /// that then holds the lock keeps every later session from its greeting.
    /// </remarks>
    private string BuildConfiguration(string service)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            listen=YES
            listen_address=127.0.0.1
            listen_port={Port}
            background=NO
            anonymous_enable=NO
            local_enable=YES
            write_enable=YES
            local_umask=022
            pam_service_name={service}
            local_root={Files.Root}
            chroot_local_user=YES
            allow_writeable_chroot=YES
            secure_chroot_dir={Folder["empty"]}
            nopriv_user=nobody
            utf8_filesystem=YES
            use_localtime=NO
            pasv_min_port={PassivePorts}
            pasv_max_port={LastPassivePort}
            seccomp_sandbox=NO
            xferlog_enable=YES
            log_ftp_protocol=YES
            vsftpd_log_file={Folder["vsftpd.log"]}
            no_log_lock=YES
            max_clients=0
            max_per_ip=0

            """);
        if (Options.Tls)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                ssl_enable=YES
                implicit_ssl={(Options.Implicit ? "YES" : "NO")}
                require_ssl_reuse=YES
                force_local_logins_ssl=YES
                force_local_data_ssl=YES
                ssl_ciphers=HIGH
                rsa_cert_file={CertificateFile}
                rsa_private_key_file={KeyFile}

                """);
        }

        return text.AppendJoin('\n', Options.ExtraLines).Append('\n').ToString();
    }
}
