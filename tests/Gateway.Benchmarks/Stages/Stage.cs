using System.Globalization;
using Gateway.Testing;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;

namespace Gateway.Benchmarks.Stages;

/// <summary>
/// One OpenSSH server and one vsftpd that serve the same folder, in memory where there is room; and a way to the first of 50 ms there
/// and back.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(25);

    private readonly TempFolder _folder;
    private readonly TempFolder _keys = new();
    private readonly string _served;
    private int _uploads;

    private Stage(Sizes sizes, TempFolder folder, SshServer ssh, VsftpdServer ftp)
    {
        Sizes = sizes;
        _folder = folder;
        _served = folder["data"];
        Ssh = ssh;
        Ftp = ftp;
        Far = TcpProxy.Start(ssh.Port);
        Far.ToClient.Delay = OneWay;
        Far.ToServer.Delay = OneWay;
        KnownHostsFile = _keys.Write("known_hosts", ssh.KnownHosts + ssh.KnownHosts.Replace(
            string.Create(CultureInfo.InvariantCulture, $":{ssh.Port} "), string.Create(CultureInfo.InvariantCulture, $":{Far.Port} "), StringComparison.Ordinal));
    }

    public Sizes Sizes { get; }

    /// <summary>AES-GCM alone: no client gets an advantage by another cipher.</summary>
    public SshServer Ssh { get; }

    /// <summary>Demands that data connections resume the control connection's TLS session.</summary>
    public VsftpdServer Ftp { get; }

    /// <summary>Stands before <see cref="Ssh"/>: holds every byte for 25 ms each way, and limits no rate.</summary>
    public TcpProxy Far { get; }

    /// <summary>For <see cref="Ssh"/> and <see cref="Far"/>.</summary>
    public string KnownHostsFile { get; }

    public ServedFile Large { get; private set; } = null!;

    public ServedFile FarFile { get; private set; } = null!;

    public ServedFile Medium { get; private set; } = null!;

    public ServedFile Small { get; private set; } = null!;

    /// <summary>Whether the files are in memory, and not in the page cache of a disk.</summary>
    public bool IsInMemory => _folder.Path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    public static async Task<Stage> StartAsync(Sizes sizes)
    {
        const long Mebibyte = 1024 * 1024;
        // What is served, what was uploaded, and what a check downloaded.
        var folder = TempFolder.InMemory(4 * sizes.Large * Mebibyte);
        var served = folder.CreateFolder("data");
        var ssh = await SshServer.StartAsync(new SshServerOptions { ExtraLines = ["Ciphers aes128-gcm@openssh.com"] });
        var ftp = await VsftpdServer.StartAsync(new FtpServerOptions { ExtraLines = ["local_root=" + served] });
        var stage = new Stage(sizes, folder, ssh, ftp)
        {
            Large = await ServedFile.CreateAsync(served, "large", sizes.Large * Mebibyte),
            FarFile = await ServedFile.CreateAsync(served, "far", sizes.Far * Mebibyte),
            Medium = await ServedFile.CreateAsync(served, "medium", sizes.Medium * Mebibyte),
            Small = await ServedFile.CreateAsync(served, "small", Sizes.SmallFile),
        };
        stage.CreateFolder("few", Sizes.FewEntries);
        stage.CreateFolder("many", sizes.ManyEntries);
        stage.CreateFolder("sent", 0);
        ssh.Account.Own(served);
        return stage;
    }

    /// <summary>The served folder as the protocol's clients name it.</summary>
    public string GetRoot(Protocol protocol) => protocol == Protocol.Ftps ? "/" : _served;

    /// <summary>The port of a protocol's server, or of the long way to it.</summary>
    public int GetPort(Protocol protocol) => protocol switch { Protocol.Ftps => Ftp.Port, Protocol.FarSftp => Far.Port, _ => Ssh.Port };

    /// <summary>Where a download goes whose content is checked.</summary>
    public string CheckedDownload => _folder["checked"];

    /// <summary>A name to upload to, never given before, and where the file will be on this machine.</summary>
    public (string Name, string Location) NextUpload()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"sent/{++_uploads}");
        return (name, Path.Combine(_served, name));
    }

    public async ValueTask DisposeAsync()
    {
        await Far.DisposeAsync();
        await Ftp.DisposeAsync();
        await Ssh.DisposeAsync();
        _keys.Dispose();
        _folder.Dispose();
    }

    private void CreateFolder(string name, int entries)
    {
        var folder = _folder.CreateFolder(Path.Combine("data", name));
        Ssh.Account.Own(folder);
        for (var i = 0; i < entries; i++)
        {
            File.WriteAllText(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"file-{i:00000}.txt")), "x");
        }
    }
}
