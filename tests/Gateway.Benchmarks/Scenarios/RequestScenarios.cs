using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Stages;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>Many files at once, small files, listings.</summary>
internal static class RequestScenarios
{
    private static readonly (string Key, string Value) NoCache = ("Listing__CacheDuration", "00:00:00");

    public static IEnumerable<Scenario> All { get; } =
    [
        new Scenario(
            "parallel-downloads", sizes => $"{sizes.Parallel} parallel downloads of {sizes.Medium} MiB, SFTP", Metric.Throughput, "as one download: both cores are busy with ciphers and copies",
            async cast =>
            [
                Parallel(Names.Gateway, cast.Stage, await cast.StartGatewayAsync(Protocol.Sftp)),
                .. Optional(await cast.StartRcloneAsync(Protocol.Sftp), peer => Parallel(Names.Rclone, cast.Stage, peer)),
            ]),
        new Scenario(
            "small-1", _ => "4 KiB downloads, 1 caller, SFTP", Metric.Rate, "the round trips of one request through four processes",
            cast => PrepareSmallAsync(cast, 1)),
        new Scenario(
            "small-64", sizes => $"4 KiB downloads, {sizes.Callers} callers, SFTP", Metric.Rate, "sshd's own work on OPEN, READ and CLOSE",
            cast => PrepareSmallAsync(cast, cast.Stage.Sizes.Callers)),
        new Scenario(
            "list-20", _ => $"listing of {Sizes.FewEntries} entries, SFTP", Metric.Rate, "round trips of OPENDIR, READDIR and CLOSE where no cache answers",
            cast => PrepareListingAsync(cast, "few", Sizes.FewEntries, 100)),
        new Scenario(
            "list-10000", sizes => $"listing of {sizes.ManyEntries} entries, SFTP", Metric.Rate, "sftp-server's stat of every entry, 100 entries a reply",
            cast => PrepareListingAsync(cast, "many", cast.Stage.Sizes.ManyEntries, 4)),
    ];

    private static Contender Parallel(string name, Stage stage, HttpPeer peer) => new(name, async checks =>
    {
        var load = new HttpLoad(peer.Address) { Length = stage.Medium.Length, Digest = checks ? stage.Medium.Digest : null };
        return await Meter.MeasureAsync(peer, () => Task.Run(() => load.Once(peer.GetFile(stage.Medium.Name), stage.Sizes.Parallel)));
    });

    private static async Task<IReadOnlyList<Contender>> PrepareSmallAsync(Cast cast, int callers)
    {
        return
        [
            Small(Names.Gateway, await cast.StartGatewayAsync(Protocol.Sftp)),
            .. Optional(await cast.StartRcloneAsync(Protocol.Sftp), peer => Small(Names.Rclone, peer)),
            .. Optional(await cast.StartRcloneAsync(Protocol.Sftp, cachesFolders: true), peer => Small(Names.RcloneCached, peer)),
        ];

        Contender Small(string name, HttpPeer peer) => new(name, async checks =>
        {
            var file = cast.Stage.Small;
            var load = new HttpLoad(peer.Address) { Length = file.Length, Digest = checks ? file.Digest : null };
            return await Meter.MeasureAsync(peer, () => Task.Run(() => load.For(cast.Stage.Sizes.SmallFor, peer.GetFile(file.Name), callers)));
        });
    }

    private static async Task<IReadOnlyList<Contender>> PrepareListingAsync(Cast cast, string folder, int entries, int times)
    {
        var sftp = await cast.StartSftpAsync(Protocol.Sftp);
        return
        [
            List(Names.Gateway, await cast.StartGatewayAsync(Protocol.Sftp, NoCache), "\"name\":"),
            List(Names.GatewayCached, await cast.StartGatewayAsync(Protocol.Sftp), "\"name\":"),
            .. Optional(await cast.StartRcloneAsync(Protocol.Sftp), peer => List(Names.Rclone, peer, "<tr class=\"file\">")),
            .. Optional(await cast.StartRcloneAsync(Protocol.Sftp, cachesFolders: true), peer => List(Names.RcloneCached, peer, "<tr class=\"file\">")),
            new Contender(Names.Sftp, _ => Meter.MeasureAsync(sftp, async () =>
            {
                var runs = new List<Work>();
                for (var i = 0; i < times; i++)
                {
                    runs.Add(await sftp.ListAsync(Path.Combine(cast.Stage.GetRoot(Protocol.Sftp), folder)));
                }

                return new Work(TimeSpan.FromSeconds(runs.Sum(run => run.Elapsed.TotalSeconds)), 0, [.. runs.SelectMany(run => run.Latencies)]);
            })),
        ];

        Contender List(string name, HttpPeer peer, string mark) => new(name, async checks =>
        {
            var load = new HttpLoad(peer.Address) { Contains = checks ? (mark, entries) : null };
            return await Meter.MeasureAsync(peer, () => Task.Run(() => load.Repeat(peer.GetFolder(folder), times)));
        });
    }

    private static IEnumerable<Contender> Optional(HttpPeer? peer, Func<HttpPeer, Contender> create) => peer is null ? [] : [create(peer)];
}
