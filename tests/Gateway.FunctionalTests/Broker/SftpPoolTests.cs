using System.Diagnostics;
using System.Diagnostics.Metrics;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Sftp;
using Gateway.Testing;
using Gateway.Testing.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.FunctionalTests.Broker;

/// <summary>The pool against a real sshd: what the server sees of it.</summary>
public sealed class SftpPoolTests : IAsyncDisposable
{
    private const string Name = "files";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConnectionBroker _broker;

    public SftpPoolTests() => _broker = new ConnectionBroker(
        TimeProvider.System, NullLoggerFactory.Instance, _services.GetRequiredService<IMeterFactory>());

    private PoolSnapshot Pool => _broker.GetSnapshots().Single();

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Fifty_callers_at_once_on_a_cold_pool_are_served_by_a_server_that_drops_whoever_comes_fourth()
    {
        await using var server = await SshServer.StartAsync(new() { MaxStartups = "3:50:6" });
        Start(server, new PoolOptions { MaxConnections = 8, LeasesPerConnection = 4, AcquireTimeout = TimeSpan.FromSeconds(30) });

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync()));

        Assert.Null(Pool.LastError);
        Assert.DoesNotContain("MaxStartups", server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("drop connection", server.Log, StringComparison.Ordinal);
        Assert.Equal(0, Pool.Leases);
    }

    [Fact]
    public async Task A_wrong_password_is_tried_once_however_many_callers_come()
    {
        await using var server = await SshServer.StartAsync();
        Start(server, new PoolOptions { MinConnections = 4 }, password: "wrong");

        for (var round = 0; round < 20; round++)
        {
            var failures = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Assert.ThrowsAsync<BackendException>(AskAsync)));
            Assert.All(failures, failure => Assert.Equal(BackendError.AuthenticationFailed, failure.Error));
        }

        Assert.Equal(1, Count(server.Log, "Failed password"));
    }

    [Fact]
    public async Task A_server_that_is_killed_and_comes_back_under_load_serves_within_three_seconds()
    {
        await using var server = await SshServer.StartAsync();
        Start(server, new PoolOptions { MinConnections = 2, MaxConnections = 4 });
        await AskAsync();

        await server.StopAsync();
        var slowest = TimeSpan.Zero;
        await FailUntilAsync(() => Pool.Circuit is not CircuitState.Closed);
        var outage = Stopwatch.StartNew();
        while (outage.Elapsed < TimeSpan.FromSeconds(4))
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(BackendError.Unreachable, (await Assert.ThrowsAsync<BackendException>(AskAsync)).Error);
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            await Task.Delay(10);
        }

        await server.StartAgainAsync();
        var back = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await AskAsync();
                break;
            }
            catch (BackendException) when (back.Elapsed < TimeSpan.FromSeconds(10))
            {
                await Task.Delay(10);
            }
        }

        Assert.True(back.Elapsed < TimeSpan.FromSeconds(3), $"Back after {back.Elapsed}.");
        Assert.True(slowest < TimeSpan.FromMilliseconds(500), $"A caller waited for {slowest} although the breaker was open.");
        await Eventually.HoldsAsync(() => Pool is { Idle: >= 2, Opening: 0, Closing: 0 });
    }

    [Fact]
    public async Task Sessions_killed_at_the_server_are_replaced_and_the_next_caller_notices_nothing()
    {
        await using var server = await SshServer.StartAsync();

        Start(server, new PoolOptions { MinConnections = 4, MaxConnections = 4 });
        for (var round = 0; round < 5; round++)
        {
            await Eventually.HoldsAsync(() => Pool is { Idle: 4, Opening: 0, Closing: 0 });
            server.KillSessions();
            await AskAsync();
        }

        await Eventually.HoldsAsync(() => Pool is { Idle: 4, Opening: 0, Closing: 0 });
    }

    [Fact]
    public async Task A_changed_configuration_under_load_fails_no_request_and_leaves_no_session_behind()
    {
        await using var server = await SshServer.StartAsync();
        Start(server, new PoolOptions { MaxConnections = 2 });
        using var end = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            do
            {
                await AskAsync();
            }
            while (!end.IsCancellationRequested);
        })).ToArray();

        for (var i = 0; i < 6; i++)
        {
            await Task.Delay(150);
            Start(server, new PoolOptions { MaxConnections = 2 }, identity: $"{i}");
        }

        await end.CancelAsync();
        await Task.WhenAll(callers);
        await _broker.DrainAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => server.SessionProcesses == 0);
    }

    private static int Count(string text, string word) => text.Split(word).Length - 1;

    private void Start(SshServer server, PoolOptions pool, string? password = null, string identity = "one")
    {
        var driver = new SftpDriver(TimeProvider.System);
        var options = new SftpOptions { PrivateKeyFile = password is null ? server.UserKey.PrivateKeyFile : null };
        options.HostKeyFingerprints.Add(server.HostKeyFingerprints[0]);
        var settings = new BackendSettings
        {
            Name = Name,
            Host = server.Host,
            Port = server.Port,
            Username = server.Username,
            Password = password is null ? null : new Secret(password),
            Root = server.RemoteRoot,
        };
        _broker.Update([new BackendDefinition
        {
            Name = Name, Protocol = "sftp", Identity = identity, Connector = driver.CreateConnector(settings, options), Pool = pool,
        }]);
    }

    private async Task AskAsync()
    {
        var root = await _broker.RunAsync(Name, (connection, token) => connection.GetEntryAsync(RemotePath.Root, true, token), CancellationToken.None);
        Assert.Equal(RemoteEntryType.Directory, root.Type);
    }

    private async Task FailUntilAsync(Func<bool> condition)
    {
        await Eventually.HoldsAsync(() =>
        {
            _ = AskAsync().ContinueWith(task => task.Exception, TaskScheduler.Default);
            return condition();
        });
    }
}
