using System.Runtime.CompilerServices;
using Gateway.Broker.Async;

namespace Gateway.UnitTests.Broker.Async;

/// <summary>Tasks of methods whose state is used again behave as all others do.</summary>
public sealed class RecyclingTaskMethodBuilderTests
{
    [Fact]
    public async Task A_method_ends_at_once_or_later()
    {
        var ended = new List<string>();
        var immediate = RunAsync(Task.CompletedTask, () => ended.Add("first"));
        Assert.True(immediate.IsCompletedSuccessfully);

        var gate = new TaskCompletionSource();
        var later = RunAsync(gate.Task, () => ended.Add("second"));
        Assert.False(later.IsCompleted);
        gate.SetResult();
        await later;
        await later;
        Assert.Equal(["first", "second"], ended);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_and_a_cancellation_are_the_task_s(bool waitsFirst)
    {
        var gate = new TaskCompletionSource();
        var failing = RunAsync(waitsFirst ? gate.Task : Task.CompletedTask, () => throw new InvalidDataException("bad"));
        var leaving = RunAsync(waitsFirst ? gate.Task : Task.CompletedTask, () => throw new OperationCanceledException());
        Assert.NotEqual(waitsFirst, failing.IsCompleted);
        gate.SetResult();
        Assert.Equal("bad", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.True(leaving.IsCanceled);
    }

    [Fact]
    public async Task State_that_is_used_again_mixes_nothing_up()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 64), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, token) =>
        {
            for (var i = 0; i < 500; i++)
            {
                var ran = 0;
                await RunAsync(Task.Run(() => { }, token), () => ran++);
                Assert.Equal(1, ran);
            }
        });
    }

    [AsyncMethodBuilder(typeof(RecyclingTaskMethodBuilder))]
    private static async Task RunAsync(Task first, Action then)
    {
        await first;
        then();
    }
}
