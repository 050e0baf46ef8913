using System.Globalization;

namespace Gateway.Testing.Servers;

/// <summary>pure-ftpd, which demands TLS on both channels and no session reuse.</summary>
public sealed class PureFtpdServer : FtpServer
{
    private PureFtpdServer(FtpServerOptions options, SystemAccount account, TempFolder folder)
        : base(options, account, folder)
    {
    }

    /// <summary>Starts a server.</summary>
    public static async Task<PureFtpdServer> StartAsync(FtpServerOptions? options = null)
    {
        await ServerPackages.EnsureAsync("pure-ftpd");
        var account = await SystemAccount.GetSharedAsync();
        var server = new PureFtpdServer(options ?? new FtpServerOptions(), account, new TempFolder());
        if (server.Options.Implicit)
        {
            throw new NotSupportedException("This fixture runs pure-ftpd with explicit TLS only.");
        }

        await server.CreateUserAsync();
        await server.LaunchAsync();
        return server;
    }

    private protected override (IReadOnlyList<string> Command, IReadOnlyDictionary<string, string>? Environment) Configure() =>
        ([
            ServerPackages.GetFile("pure-ftpd", "usr/sbin/pure-ftpd"),
            "--bind", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1,{Port}"),
            "--passiveportrange", string.Create(CultureInfo.InvariantCulture, $"{PassivePorts}:{LastPassivePort}"),
            "--tls", Options.Tls ? "3" : "0",
            "--certfile", CombinedFile,
            "--login", "puredb:" + Folder["users.pdb"],
            "--chrooteveryone", "--noanonymous", "--dontresolve",
            "--minuid", "1",
            "--limitrecursion", "50000:8",
            "--maxclientsnumber", "200", "--maxclientsperip", "200",
            "--umask", "022:022",
            "--pidfile", Folder["pid"],
            "--altlog", "clf:" + Folder["transfer.log"],
            .. Options.ExtraLines,
        ], GetEnvironment("pure-ftpd"));

    // pure-pw knows the form of its own database; the hash is ours, so that no password is typed.
    private async Task CreateUserAsync()
    {
        Folder.WriteSecret("users", string.Create(CultureInfo.InvariantCulture,
            $"{Account.Name}:{PasswordHash.Compute(Account.Password)}:{Account.UserId}:{Account.GroupId}::{Files.Root}/./::::::::::::\n"));
        var libraries = GetEnvironment("pure-ftpd").GetValueOrDefault("LD_LIBRARY_PATH", "");
        await Command.RunAsync("env",
        [
            "LD_LIBRARY_PATH=" + libraries, ServerPackages.GetFile("pure-ftpd", "usr/bin/pure-pw"),
            "mkdb", Folder["users.pdb"], "-f", Folder["users"],
        ]);
    }
}
