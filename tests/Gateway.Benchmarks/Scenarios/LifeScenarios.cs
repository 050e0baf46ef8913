using System.Diagnostics;
using Gateway.Benchmarks.Load;
using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Peers;
using Gateway.Benchmarks.Stages;

namespace Gateway.Benchmarks.Scenarios;

/// <summary>The first request, the start, and memory: each with a fresh process every round.</summary>
internal static class LifeScenarios
{
    public const string Cold = "gateway, first request, must log in";
    public const string Warm = "gateway, first request, connection warm";
    public const string Later = "gateway, a later request";
    public const string Downloads = "gateway, downloads";
    public const string UploadsName = "gateway, uploads";
    public const string Alone = "gateway, fast download alone";
    public const string Beside = "gateway, fast download beside them";
    public const string Slow = "gateway, slow readers alone";

    private const double Mebibyte = 1024 * 1024;

    public static IEnumerable<Scenario> All { get; } =
    [
        new Scenario(
            "first-request", _ => "first byte of a 4 KiB download, SFTP", Metric.FirstByte, "a login costs sshd and ssh 100 ms of key exchange; the first request of a process compiles its code",
            cast => Task.FromResult<IReadOnlyList<Contender>>(
            [
                new Contender(Cold, _ => FirstRequestAsync(cast, "0", requests: 1)),
                new Contender(Warm, _ => FirstRequestAsync(cast, "1", requests: 1)),
                new Contender(Later, _ => FirstRequestAsync(cast, "1", requests: 50)),
            ])),
        new Scenario(
            "start", _ => "process start to first byte, SFTP", Metric.FirstByte, "runtime start, compilation, one login",
            cast => Task.FromResult<IReadOnlyList<Contender>>(
            [
                new Contender(Names.Gateway, _ => StartAsync(cast, async () => await cast.LaunchGatewayAsync(Protocol.Sftp))),
                .. Programs.IsInstalled("rclone")
                    ? new[] { new Contender(Names.Rclone, _ => StartAsync(cast, async () => (await cast.StartRcloneAsync(Protocol.Sftp))!)) }
                    : [],
            ])),
        new Scenario(
            "memory-200", sizes => $"{sizes.Transfers} parallel transfers of {TransferSize(sizes)} MiB, SFTP", Metric.PeakMemory, "windows, which shrink as transfers share a connection; an ssh process is 8 MiB, most of it shared",
            cast => Task.FromResult<IReadOnlyList<Contender>>(
            [
                new Contender(Downloads, _ => ManyAsync(cast, async () => await cast.StartGatewayAsync(Protocol.Sftp), isUpload: false)),
                new Contender(UploadsName, _ => ManyAsync(cast, async () => await cast.StartGatewayAsync(Protocol.Sftp), isUpload: true)),
                .. Programs.IsInstalled("rclone")
                    ? new[] { new Contender(Names.Rclone, _ => ManyAsync(cast, async () => (await cast.StartRcloneAsync(Protocol.Sftp))!, isUpload: false)) }
                    : [],
            ])),
        new Scenario(
            "slow-readers", sizes => $"{sizes.SlowReaders} slow readers on one connection", Metric.AddedMemory, "one response buffer per reader that the network does not take",
            PrepareSlowReaders),
    ];

    private static int TransferSize(Sizes sizes) => Math.Min(sizes.Medium, 8);

    private static async Task<Sample> FirstRequestAsync(Cast cast, string minConnections, int requests)
    {
        var gateway = await cast.StartGatewayAsync(Protocol.Sftp, ("Pool__MinConnections", minConnections));
        var file = cast.Stage.Small;
        var load = new HttpLoad(gateway.Address) { Length = file.Length };
        var works = new List<double>();
        for (var i = 0; i < requests; i++)
        {
            works.Add(load.Once(gateway.GetFile(file.Name)).FirstByte);
        }

        await cast.EndAsync(gateway);
        return new Sample().With(Metric.FirstByte, works.Order().ElementAt(works.Count / 2));
    }

    private static async Task<Sample> StartAsync(Cast cast, Func<Task<HttpPeer>> launch)
    {
        var started = Stopwatch.GetTimestamp();
        var peer = await launch();
        var untilListening = Work.MillisecondsSince(started);
        var file = cast.Stage.Small;
        var work = new HttpLoad(peer.Address) { Length = file.Length }.Once(peer.GetFile(file.Name));
        var sample = new Sample().With(Metric.FirstByte, untilListening + work.FirstByte);
        await Task.Delay(cast.Stage.Sizes.Settle);
        sample.With(Metric.IdleMemory, peer.GetResidentMemory() / Mebibyte);
        await cast.EndAsync(peer);
        return sample;
    }

    private static async Task<Sample> ManyAsync(Cast cast, Func<Task<HttpPeer>> start, bool isUpload)
    {
        var peer = await start();
        var stage = cast.Stage;
        var target = peer.GetFile(stage.Medium.Name);
        Sample sample;
        if (isUpload)
        {
            var source = await ServedFile.CreateAsync(Path.GetDirectoryName(stage.CheckedDownload)!, "source", TransferSize(stage.Sizes) * (long)Mebibyte);
            var targets = Enumerable.Range(0, stage.Sizes.Transfers).Select(_ => stage.NextUpload()).ToList();
            sample = await Meter.MeasureAsync(peer, () => HttpUploads.RunAsync(peer.Address, [.. targets.Select(upload => peer.GetFile(upload.Name))], source.Location));
            foreach (var (_, location) in targets)
            {
                source.CompareLength(location);
                File.Delete(location);
            }
        }
        else
        {
            var length = TransferSize(stage.Sizes) * (long)Mebibyte;
            var load = new HttpLoad(peer.Address) { Length = length, Range = length };
            sample = await Meter.MeasureAsync(peer, () => Task.Run(() => load.Once(target, stage.Sizes.Transfers)));
        }

        await cast.EndAsync(peer);
        return sample;
    }

    /// <summary>One gateway a round, whose first contender starts it and whose last one ends it.</summary>
    private static Task<IReadOnlyList<Contender>> PrepareSlowReaders(Cast cast)
    {
        var stage = cast.Stage;
        return Task.FromResult<IReadOnlyList<Contender>>(
        [
            new Contender(Slow, async _ =>
            {
                var gateway = await StartOneConnectionAsync();
                var before = gateway.GetResidentMemory();
                gateway.ResetPeakMemory();
                long peak;
                await using (SlowReaders.Start(gateway.Address, gateway.GetFile(stage.Large.Name), stage.Sizes.SlowReaders))
                {
                    await Task.Delay(stage.Sizes.Settle);
                    peak = gateway.GetPeakMemory();
                }

                await cast.EndAsync(gateway);
                return new Sample().With(Metric.AddedMemory, Math.Max(peak - before, 0) / Mebibyte);
            }),
            new Contender(Alone, _ => FastAsync(slowReaders: 0)),
            new Contender(Beside, _ => FastAsync(stage.Sizes.SlowReaders)),
        ]);

        async Task<Sample> FastAsync(int slowReaders)
        {
            var gateway = await StartOneConnectionAsync();
            var before = gateway.GetResidentMemory();
            var load = new HttpLoad(gateway.Address) { Length = stage.FarFile.Length };
            Sample sample;
            await using (SlowReaders.Start(gateway.Address, gateway.GetFile(stage.Large.Name), slowReaders))
            {
                await Task.Delay(stage.Sizes.Settle);
                sample = await Meter.MeasureAsync(gateway, () => Task.Run(() => load.Once(gateway.GetFile(stage.FarFile.Name)) with { Latencies = [] }));
            }

            sample.With(Metric.AddedMemory, Math.Max((sample.Figures[Metric.PeakMemory] * Mebibyte) - before, 0) / Mebibyte);
            await cast.EndAsync(gateway);
            return sample;
        }

        // What a first download leaves behind in a process is not the slow readers'.
        async Task<GatewayPeer> StartOneConnectionAsync()
        {
            var gateway = await cast.StartGatewayAsync(Protocol.Sftp, ("Pool__MaxConnections", "1"));
            new HttpLoad(gateway.Address) { Length = stage.FarFile.Length }.Once(gateway.GetFile(stage.FarFile.Name));
            return gateway;
        }
    }
}
