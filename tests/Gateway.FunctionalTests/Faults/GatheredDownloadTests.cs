using System.Globalization;
using System.Security.Cryptography;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Faults;

/// <summary>More downloads at once than the processors bear, from a near server.</summary>
public sealed class GatheredDownloadTests
{
    private const int Large = 32 * 1024 * 1024;

    private static readonly int Few = Environment.ProcessorCount + 1;

    [Fact]
    public async Task They_go_on_over_few_connections_with_every_byte_and_leave_the_others_idle()
    {
        var connections = (Few + 3).ToString(CultureInfo.InvariantCulture);
        await using var server = await DistantServer.StartAsync(
            new SshServerOptions(), TimeSpan.Zero, ("Pool:MinConnections", connections), ("Pool:MaxConnections", connections));
        var hash = server.Write("/file", Large);
        using var ended = new CancellationTokenSource();
        var busy = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(
            () => Keep(ended.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        var gathered = 0.0;
        try
        {
            for (var round = 0; round < 20 && gathered == 0; round++)
            {
                var hashes = await Task.WhenAll(Enumerable.Range(0, 6 * Few).Select(async _ =>
                {
                    await using var body = await server.BeginAsync("/file");
                    return await SHA256.HashDataAsync(body);
                }));
                Assert.All(hashes, got => Assert.Equal(hash, got));
                gathered = await server.CountAsync("gateway_pool_gathered_leases_total");
            }
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(busy);
        }

        Assert.NotEqual(0, gathered);
        await server.WaitUntilAsync(pool => pool.Leases == 0 && pool.Idle == Few + 3);
        Assert.Equal(0, await server.CountExtrasAsync());
    }

    /// <summary>Keeps a processor.</summary>
    private static void Keep(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Thread.SpinWait(1000);
        }
    }
}
