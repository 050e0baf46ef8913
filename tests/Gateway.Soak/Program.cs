using Gateway.Soak;
using Gateway.Testing.Faults;
using Gateway.Testing.Servers;

var options = SoakOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine("usage: soak.sh [MINUTES] [--seed N] [--backend sftp|ftps|both] [--scenario faults|slow-clients|wrong-password] [--log FILE]");
    return 2;
}

return options.Scenario switch
{
    "slow-clients" => await RunSlowClientsAsync(),
    "wrong-password" => await RunWrongPasswordAsync(),
    _ => await RunFaultsAsync(options),
};

static async Task<int> RunSlowClientsAsync()
{
    const long MaxMemory = 400L * 1024 * 1024;
    var run = await SlowClients.RunAsync(1000, TimeSpan.FromSeconds(20));
    Console.WriteLine(run.Summary);
    return run.Right == run.Clients && run.SmallFailures == 0 && run.PeakMemory < MaxMemory && run.Small.Median < TimeSpan.FromMilliseconds(100) ? 0 : 1;
}

static async Task<int> RunWrongPasswordAsync()
{
    var runs = await Task.WhenAll(new[] { "sftp", "vsftpd" }.Select(server => WrongPassword.RunAsync(server, TimeSpan.FromMinutes(1))));
    Array.ForEach(runs, run => Console.WriteLine(run.Summary));
    return runs.All(run => run is { Attempts: <= 2, OtherAnswers: 0 }) ? 0 : 1;
}

static async Task<int> RunFaultsAsync(SoakOptions options)
{
    var backends = new List<FaultBackend>();
    if (options.Backend is "sftp" or "both")
    {
        backends.Add(await FaultBackend.StartSftpAsync("sftp"));
    }

    if (options.Backend is "ftps" or "both")
    {
        backends.Add(FaultBackend.For("vsftpd", await VsftpdServer.StartAsync()));
        backends.Add(FaultBackend.For("proftpd", await ProFtpdServer.StartAsync()));
    }

    Console.WriteLine($"Seed {options.Seed}, {options.Duration.TotalMinutes:0.##} minutes, backends: {string.Join(", ", backends.Select(backend => backend.Name))}");
    await using var run = await FaultRun.StartAsync(
        new FaultOptions
        {
            Seed = options.Seed, Duration = options.Duration, Round = TimeSpan.FromSeconds(Math.Min(20, options.Duration.TotalSeconds / 2)),
            LongestFault = TimeSpan.FromSeconds(5), LargeSize = 16 * 1024 * 1024, Progress = Console.WriteLine, LogFile = options.LogFile,
        },
        backends);
    await run.RunAsync();
    Console.WriteLine(run.Summary);
    return run.Verdict is null ? 0 : 1;
}
