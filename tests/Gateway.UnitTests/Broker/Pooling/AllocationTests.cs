namespace Gateway.UnitTests.Broker.Pooling;

/// <summary>Not beside the tests that record spans: those are seen by every broker of the process.</summary>
[Collection(nameof(VisibilityTests))]
public class AllocationTests : PoolTest
{
    [Fact]
    public async Task Acquire_and_release_allocate_the_lease_and_nothing_else()
    {
        await StartWarmAsync(new() { MaxConnections = 1 });
        var sample = await AcquireAsync();
        await using var shared = await AcquireAsync();
        await sample.DisposeAsync();
        const int Rounds = 1000;
        await CycleAsync(Rounds);

        var before = GC.GetAllocatedBytesForCurrentThread();
        await CycleAsync(Rounds);
        var perRound = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;

        Assert.InRange(perRound, 1, 96);
    }

    private async ValueTask CycleAsync(int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            var lease = await Broker.AcquireAsync(Name, None);
            await lease.DisposeAsync();
        }
    }
}
