using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Stages;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>Large files, one at a time: on loopback by either protocol, and over a long way.</summary>
internal static class BulkScenarios
{
    public static IEnumerable<Scenario> All { get; } =
    [
        new Scenario(
            "sftp-download", sizes => $"SFTP download, {sizes.Large} MiB", Metric.Throughput, "sshd's and ssh's AES-GCM and copies: both cores are busy",
            async cast =>
            [
                Download(Names.Gateway, await cast.StartGatewayAsync(Protocol.Sftp), cast.Stage.Large),
                .. Downloads(Names.Rclone, await cast.StartRcloneAsync(Protocol.Sftp), cast.Stage.Large),
                .. Direct(Names.Sftp, cast, Protocol.Sftp, await cast.StartSftpAsync(Protocol.Sftp), cast.Stage.Large, isUpload: false),
            ]),
        new Scenario(
            "sftp-upload", sizes => $"SFTP upload, {sizes.Large} MiB", Metric.Throughput, "sshd's AES-GCM and its one write at a time",
            async cast =>
            [
                Upload(Names.Gateway, cast, await cast.StartGatewayAsync(Protocol.Sftp), cast.Stage.Large),
                .. Uploads(Names.RcloneDav, cast, await cast.StartRcloneAsync(Protocol.Sftp, kind: "webdav"), cast.Stage.Large),
                .. Direct(Names.Sftp, cast, Protocol.Sftp, await cast.StartSftpAsync(Protocol.Sftp), cast.Stage.Large, isUpload: true),
            ]),
        new Scenario(
            "ftps-download", sizes => $"FTPS download, {sizes.Large} MiB", Metric.Throughput, "vsftpd's TLS on one core",
            async cast =>
            [
                Download(Names.Gateway, await cast.StartGatewayAsync(Protocol.Ftps), cast.Stage.Large),
                .. Downloads(Names.Rclone, await cast.StartRcloneAsync(Protocol.Ftps), cast.Stage.Large),
                .. Direct(Names.Lftp, cast, Protocol.Ftps, await cast.StartLftpAsync(), cast.Stage.Large, isUpload: false),
                .. Curl(cast, cast.Stage.Large, isUpload: false),
            ]),
        new Scenario(
            "ftps-upload", sizes => $"FTPS upload, {sizes.Large} MiB", Metric.Throughput, "vsftpd's TLS, and its read of 16 KiB per write",
            async cast =>
            [
                Upload(Names.Gateway, cast, await cast.StartGatewayAsync(Protocol.Ftps), cast.Stage.Large),
                .. Uploads(Names.RcloneDav, cast, await cast.StartRcloneAsync(Protocol.Ftps, kind: "webdav"), cast.Stage.Large),
                .. Direct(Names.Lftp, cast, Protocol.Ftps, await cast.StartLftpAsync(), cast.Stage.Large, isUpload: true),
                .. Curl(cast, cast.Stage.Large, isUpload: true),
            ]),
        new Scenario(
            "far-download", sizes => $"SFTP download at 50 ms, {sizes.Far} MiB", Metric.Throughput, "bytes in flight per round trip: 2 MiB in OpenSSH's window, per connection",
            async cast =>
            [
                Download(Names.Gateway, await cast.StartGatewayAsync(Protocol.FarSftp), cast.Stage.FarFile),
                .. Downloads(Names.Rclone, await cast.StartRcloneAsync(Protocol.FarSftp), cast.Stage.FarFile),
                .. Direct(Names.Sftp, cast, Protocol.FarSftp, await cast.StartSftpAsync(Protocol.FarSftp), cast.Stage.FarFile, isUpload: false),
                RawCopy(cast.Stage.FarFile.Length),
            ]),
        new Scenario(
            "far-upload", sizes => $"SFTP upload at 50 ms, {sizes.Far} MiB", Metric.Throughput, "as the download; the server's window for one channel is 2 MiB",
            async cast =>
            [
                Upload(Names.Gateway, cast, await cast.StartGatewayAsync(Protocol.FarSftp), cast.Stage.FarFile),
                .. Uploads(Names.RcloneDav, cast, await cast.StartRcloneAsync(Protocol.FarSftp, kind: "webdav"), cast.Stage.FarFile),
                .. Direct(Names.Sftp, cast, Protocol.FarSftp, await cast.StartSftpAsync(Protocol.FarSftp), cast.Stage.FarFile, isUpload: true),
            ]),
    ];

    private static Contender Download(string name, HttpPeer peer, ServedFile file) => new(name, async checks =>
    {
        var load = new HttpLoad(peer.Address) { Length = file.Length, Digest = checks ? file.Digest : null };
        return await Meter.MeasureAsync(peer, () => Task.Run(() => load.Once(peer.GetFile(file.Name)) with { Latencies = [] }));
    });

    private static IEnumerable<Contender> Downloads(string name, HttpPeer? peer, ServedFile file) => peer is null ? [] : [Download(name, peer, file)];

    private static Contender Upload(string name, Cast cast, HttpPeer peer, ServedFile file) => new(name, async checks =>
    {
        var (target, location) = cast.Stage.NextUpload();
        var sample = await Meter.MeasureAsync(
            peer, async () => await HttpUploads.RunAsync(peer.Address, [peer.GetFile(target)], file.Location) with { Latencies = [] });
        await CheckUploadAsync(file, location, checks);
        return sample;
    });

    private static IEnumerable<Contender> Uploads(string name, Cast cast, HttpPeer? peer, ServedFile file) => peer is null ? [] : [Upload(name, cast, peer, file)];

    private static IEnumerable<Contender> Direct(string name, Cast cast, Protocol protocol, ClientPeer? peer, ServedFile file, bool isUpload)
    {
        var stage = cast.Stage;
        if (peer is null)
        {
            return [];
        }

        return [isUpload
            ? new Contender(name, async checks =>
            {
                var (target, location) = stage.NextUpload();
                var sample = await Meter.MeasureAsync(peer, () => peer.UploadAsync(file.Location, Path.Combine(stage.GetRoot(protocol), target)));
                await CheckUploadAsync(file, location, checks);
                return sample;
            })
            : new Contender(name, async checks =>
            {
                var target = checks ? stage.CheckedDownload : "/dev/null";
                var sample = await Meter.MeasureAsync(peer, () => peer.DownloadAsync(Path.Combine(stage.GetRoot(protocol), file.Name), file.Length, target));
                await CheckDownloadAsync(stage, file, checks);
                return sample;
            })];
    }

    private static IEnumerable<Contender> Curl(Cast cast, ServedFile file, bool isUpload)
    {
        var stage = cast.Stage;
        if (cast.GetCurl() is not { } curl)
        {
            return [];
        }

        return [new Contender(Names.Curl, async checks =>
        {
            if (isUpload)
            {
                var (target, location) = stage.NextUpload();
                var upload = await Meter.MeasureAsync(curl, () => curl.UploadAsync(file.Location, target));
                await CheckUploadAsync(file, location, checks);
                return upload;
            }

            var download = await Meter.MeasureAsync(curl, () => curl.DownloadAsync(file.Name, file.Length, checks ? stage.CheckedDownload : "/dev/null"));
            await CheckDownloadAsync(stage, file, checks);
            return download;
        })];
    }

    /// <summary>What the long way itself lets through when nobody waits for an answer: it must not be the limit.</summary>
    private static Contender RawCopy(long length) => new("raw copy the same way", async _ =>
    {
        await using var copy = DelayedCopy.Start(TimeSpan.FromMilliseconds(25));
        return Meter.Describe(await copy.RunAsync(Math.Max(length, 64 * 1024 * 1024)));
    });

    private static async Task CheckUploadAsync(ServedFile file, string location, bool checksContent)
    {
        file.CompareLength(location);
        if (checksContent)
        {
            await file.CompareAsync(location);
        }

        File.Delete(location);
    }

    private static async Task CheckDownloadAsync(Stage stage, ServedFile file, bool checks)
    {
        if (checks)
        {
            await file.CompareAsync(stage.CheckedDownload);
            File.Delete(stage.CheckedDownload);
        }
    }
}
