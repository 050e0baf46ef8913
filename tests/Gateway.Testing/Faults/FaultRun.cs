using System.Diagnostics;
using System.Globalization;

namespace Gateway.Testing.Faults;

/// <summary>
/// A gateway under mixed load while its servers and networks fail at random. In rounds: load and faults, then everything is healed,
/// every request ends, and what may not be lost is looked for.
/// </summary>
public sealed class FaultRun : IAsyncDisposable
{
    private const string TemporaryFiles = "*.part";

    /// <summary>How long the gateway may need to be at rest: closing has a deadline of ten seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Settings under which everything that time brings happens within a round.</summary>
    private static readonly Dictionary<string, string> Impatient = new(StringComparer.Ordinal)
    {
        ["Pool:MaxConnections"] = "4", ["Pool:MinConnections"] = "1", ["Pool:AcquireTimeout"] = "00:00:05", ["Pool:ConnectTimeout"] = "00:00:05",
        ["Pool:ProbeInterval"] = "00:00:02", ["Pool:IdleTimeout"] = "00:00:03", ["Pool:MaxLifetime"] = "00:00:20",
        ["Transfers:OperationTimeout"] = "00:00:04", ["Transfers:StallTimeout"] = "00:00:04",
    };

    private readonly FaultOptions _options;
    private readonly IReadOnlyList<FaultBackend> _backends;
    private readonly FaultGateway _gateway;
    private readonly FaultConfiguration _configuration;
    private readonly List<Caller> _callers = [];
    private readonly List<FaultInjector> _injectors = [];
    private readonly HttpClient _client;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _descriptorsAtRest;

    private FaultRun(FaultOptions options, IReadOnlyList<FaultBackend> backends, FaultGateway gateway)
    {
        _options = options;
        _backends = backends;
        _gateway = gateway;
        _client = gateway.CreateClient();
        _configuration = new FaultConfiguration(gateway, backends);
        var random = new Random(options.Seed);
        var shared = new FileVersion(random.NextInt64(), options.LargeSize);
        foreach (var backend in backends)
        {
            backend.Server.Files.Write("/" + Caller.SharedFile, shared.ToArray());
            _injectors.Add(new FaultInjector(backend, _configuration, Tally, new Random(random.Next())));
            for (var i = 0; i < options.Callers; i++)
            {
                _callers.Add(new Caller(backend, _client, Tally, shared, _callers.Count, random.Next()));
            }
        }
    }

    /// <summary>What was counted, and lost.</summary>
    public FaultTally Tally { get; } = new();

    /// <summary>What was lost with the words needed to see it again; null where nothing was.</summary>
    public string? Verdict => Tally.HasLost
        ? $"Seed {_options.Seed} lost: {Tally.LossesByKind}\n{Tally.Losses}\nFaults: {Tally.FaultsByKind}\n{LogTail}"
        : null;

    /// <summary>A few lines about all of it.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"""
        Seed {_options.Seed}: {_clock.Elapsed:hh\:mm\:ss}, {Tally.Requests} requests, {Tally.Bytes >> 20} MiB; {Tally.Outcomes}
        Faults: {Tally.Faults}: {Tally.FaultsByKind}
        Gateway: {_gateway.PeakMemory >> 20} MiB resident at most, {_gateway.Descriptors} descriptors at the end, {_descriptorsAtRest} at the beginning, {_gateway.Children.Count} children
        Lost: {(Tally.HasLost ? Tally.LossesByKind + "\n" + Tally.Losses : "nothing (" + Tally.LossesByKind + ")")}
        """);

    /// <summary>The gateway's last words, without those about single requests.</summary>
    private string LogTail => string.Join('\n', _gateway.Process.Output.Split('\n')
        .Where(line => !line.Contains("ProblemMiddleware[1101]", StringComparison.Ordinal)).TakeLast(60));

    /// <summary>Starts a gateway in front of these backends, which then belong to the run.</summary>
    public static async Task<FaultRun> StartAsync(FaultOptions options, params IReadOnlyList<FaultBackend> backends)
    {
        foreach (var backend in backends)
        {
            foreach (var (key, value) in Impatient)
            {
                backend.Settings.TryAdd(key, value);
            }
        }

        var gateway = await FaultGateway.StartAsync(backends.SelectMany(backend => backend.GetConfiguration()));
        await gateway.WaitUntilReadyAsync();
        return new FaultRun(options, backends, gateway);
    }

    /// <summary>All rounds.</summary>
    public async Task RunAsync()
    {
        using var stop = new CancellationTokenSource();
        var telling = TellAsync(stop.Token);

        // The first round has no faults: what it leaves open is what an undisturbed gateway keeps open.
        await LoadAsync(TimeSpan.FromSeconds(1), withFaults: false);
        await RestAsync();
        await SettleAsync();
        _descriptorsAtRest = _gateway.Descriptors;

        for (var round = 0; HasTimeFor(round) && !_gateway.Process.HasExited; round++)
        {
            await LoadAsync(_options.Round, withFaults: true);
            await RestAsync();
        }

        _configuration.Write(hasExtra: false);
        await RecoverAsync();
        await SettleAsync();
        await CheckDescriptorsAsync();
        _callers.ForEach(caller => caller.CheckFiles());
        await stop.CancelAsync();
        await telling;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_options.LogFile is { } file)
        {
            await File.WriteAllTextAsync(file, _gateway.Process.Output);
        }

        _client.Dispose();
        await _gateway.DisposeAsync();
        foreach (var backend in _backends)
        {
            await backend.DisposeAsync();
        }
    }

    private bool HasTimeFor(int round) => _options.Duration is { } duration ? _clock.Elapsed + _options.Round < duration : round < _options.Rounds;

    /// <summary>Load, with faults or without, until the time is up and every request has ended.</summary>
    private async Task LoadAsync(TimeSpan time, bool withFaults)
    {
        using var end = new CancellationTokenSource(time);
        var load = Task.WhenAll(_callers.Select(caller => Task.Run(() => caller.RunAsync(end.Token))));
        var faults = Task.WhenAll(withFaults ? _injectors.Select(injector => FailAsync(injector, end.Token)) : []);
        while (!load.IsCompleted)
        {
            await SampleAsync();
            await Task.WhenAny(load, Task.Delay(250, CancellationToken.None));
        }

        await load;
        await faults;
    }

    private async Task FailAsync(FaultInjector injector, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await injector.InjectAsync(_options.LongestFault, end);
        }
    }

    /// <summary>The sums hold at any moment.</summary>
    private async Task<Dictionary<string, PoolFigures>> SampleAsync()
    {
        try
        {
            var pools = await _gateway.GetPoolsAsync();
            foreach (var (name, pool) in pools.Where(pair => pair.Value.Occupied > pair.Value.Max))
            {
                Tally.Add(Loss.Pool, $"{name}: {pool}");
            }

            return pools;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            Tally.Add(
                _gateway.Process.HasExited ? Loss.Process : Loss.Stuck,
                $"/metrics was not answered: {exception.Message}\n{LogTail}");
            return [];
        }
    }

    /// <summary>No request is under way: nobody holds or waits for anything, and there is a child for every connection, and no other.</summary>
    private async Task RestAsync()
    {
        var pools = await WaitAsync(all => all.Values.All(pool => pool is { Leases: 0, Waiting: 0 }));
        foreach (var (name, pool) in pools.Where(pair => pair.Value is not { Leases: 0, Waiting: 0 }))
        {
            Tally.Add(Loss.Lease, $"{name}, without a request: {pool}");
        }

        var children = 0;
        var connections = 0;
        await WaitAsync(all =>
        {
            children = _gateway.Children.Count;
            connections = all.Where(pair => pair.Key == FaultConfiguration.Extra || _backends.Any(backend => backend.Name == pair.Key && backend.Protocol == "sftp"))
                .Sum(pair => pair.Value.Occupied + pair.Value.Former);
            return children <= connections;
        });
        if (children > connections)
        {
            Tally.Add(Loss.Child, $"{children} ssh children for {connections} connections.");
        }
    }

    /// <summary>Every backend is well: it serves within a few seconds, and what broken uploads left is removed.</summary>
    private async Task RecoverAsync()
    {
        var clock = Stopwatch.StartNew();
        foreach (var backend in _backends)
        {
            while (!await AnswersAsync(backend))
            {
                if (clock.Elapsed > Patience)
                {
                    Tally.Add(Loss.Recovery, $"{backend.Name} is well, and was not used again within {Patience.TotalSeconds} s.");
                    break;
                }

                await Task.Delay(50);
            }
        }

        clock.Restart();
        foreach (var backend in _backends)
        {
            string[] left;
            while ((left = Directory.GetFiles(backend.Server.Files.Root, TemporaryFiles, SearchOption.AllDirectories)).Length > 0 && clock.Elapsed < Patience)
            {
                await AnswersAsync(backend);
                await Task.Delay(100);
            }

            foreach (var file in left)
            {
                Tally.Add(Loss.TemporaryFile, $"{backend.Name}: {file} of {File.GetLastWriteTimeUtc(file):HH:mm:ss.fff}");
            }
        }
    }

    private async Task<bool> AnswersAsync(FaultBackend backend)
    {
        using var deadline = new CancellationTokenSource(Caller.Deadline);
        try
        {
            using var response = await _client.GetAsync(new Uri($"/v1/backends/{backend.Name}/entries/{Caller.SharedFile}", UriKind.Relative), deadline.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The pools shrink to their minimum.</summary>
    private async Task SettleAsync() => await WaitAsync(all => all.Values.All(pool => pool is { Idle: 1, Occupied: 1, Former: 0 }));

    private async Task CheckDescriptorsAsync()
    {
        // The runtime opens a few of its own when it likes, and the callers' own idle connections close a little later.
        const int Slack = 12;
        var now = 0;
        await WaitAsync(_ => (now = _gateway.Descriptors) <= _descriptorsAtRest + Slack);
        if (now > _descriptorsAtRest + Slack)
        {
            Tally.Add(Loss.Descriptor, $"{now} are open, {_descriptorsAtRest} were at the beginning: {_gateway.DescriptorsByKind}.");
        }
    }

    private async Task<Dictionary<string, PoolFigures>> WaitAsync(Func<Dictionary<string, PoolFigures>, bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var pools = await SampleAsync();
            if (condition(pools) || clock.Elapsed > Patience || _gateway.Process.HasExited)
            {
                return pools;
            }

            await Task.Delay(50);
        }
    }

    private async Task TellAsync(CancellationToken stop)
    {
        while (_options.Progress is { } progress && !stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_options.ProgressInterval, stop);
                progress(string.Create(CultureInfo.InvariantCulture,
                    $"{_clock.Elapsed:mm\\:ss} {Tally.Requests} requests, {Tally.Bytes >> 20} MiB, {Tally.Faults} faults, {Tally.Outcomes}; {_gateway.Memory >> 20} MiB resident, {_gateway.Descriptors} descriptors, {_gateway.Children.Count} children; lost: {(Tally.HasLost ? Tally.LossesByKind : "nothing")}"));
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The end, or the gateway's process has ended, which the load notices.
            }
        }
    }
}
