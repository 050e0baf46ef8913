using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gateway.Broker.Async;

namespace Gateway.UnitTests.Broker.Async;

/// <summary>Async methods whose state is used again behave as all others do.</summary>
public sealed class RecyclingMethodBuilderTests
{
    private static readonly AsyncLocal<int> s_local = new();

    [Fact]
    public async Task A_result_comes_at_once_or_later()
    {
        var immediate = AddAsync(Task.FromResult(1), 2);
        Assert.True(immediate.IsCompletedSuccessfully);
        Assert.Equal(3, await immediate);

        var source = new TaskCompletionSource<int>();
        var later = AddAsync(source.Task, 2);
        Assert.False(later.IsCompleted);
        source.SetResult(5);
        Assert.Equal(7, await later);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exception_is_thrown_to_whoever_awaits(bool waitsFirst)
    {
        var task = ThrowAsync(waitsFirst, new InvalidDataException("bad"));
        var thrown = await Assert.ThrowsAsync<InvalidDataException>(async () => await task);
        Assert.Equal("bad", thrown.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancellation_is_one(bool waitsFirst)
    {
        var task = ThrowAsync(waitsFirst, new OperationCanceledException()).AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        Assert.True(task.IsCanceled);
    }

    [Fact]
    public async Task What_flows_with_the_method_is_its_caller_s_and_stays_its_own()
    {
        s_local.Value = 1;
        var gate = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = ChangeLocalAsync(gate.Task, 10);
        Assert.Equal(1, s_local.Value);
        s_local.Value = 2;
        var second = ChangeLocalAsync(gate.Task, 20);
        Assert.Equal(2, s_local.Value);
        s_local.Value = 3;
        gate.SetResult(0);
        Assert.Equal((1, 11), await first);
        Assert.Equal((2, 22), await second);
        Assert.Equal(3, s_local.Value);
    }

    [Fact]
    public async Task State_that_is_used_again_mixes_nothing_up()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 64), new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (worker, _) =>
        {
            for (var i = 0; i < 500; i++)
            {
                var number = (worker * 1000) + i;
                if (i % 10 == 9)
                {
                    var thrown = await Assert.ThrowsAsync<InvalidDataException>(async () => await ThrowAsync(true, new InvalidDataException($"{number}")));
                    Assert.Equal($"{number}", thrown.Message);
                }
                else
                {
                    Assert.Equal(number + 2, await AddTwiceAsync(number));
                }
            }
        });
    }

    [Fact]
    public async Task A_result_that_was_taken_is_not_there_twice()
    {
        var source = new TaskCompletionSource<int>();
        var task = AddAsync(source.Task, 1);
        source.SetResult(1);
        Assert.Equal(2, await task);
        Assert.Throws<InvalidOperationException>(() => _ = task.IsCompleted);
    }

    [Fact]
    [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "Each is awaited once, by hand.")]
    [SuppressMessage("Usage", "VSTHRD002:Avoid problematic synchronous waits", Justification = "Each has ended.")]
    public void Many_at_once_need_nothing_new()
    {
        const int AtOnce = 200;
        var gates = Enumerable.Range(0, AtOnce).Select(_ => new Gate()).ToArray();
        RunAll();
        RunAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        RunAll();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // Everything runs on this thread. A state machine of its own for each would be about 100 bytes times 200.
        Assert.True(allocated < 1000, $"{allocated} bytes");

        void RunAll()
        {
            foreach (var gate in gates)
            {
                gate.Result = AddOneAsync(gate).ConfigureAwait(false).GetAwaiter();
            }

            for (var i = 0; i < AtOnce; i++)
            {
                gates[i].Open(i);
                if (!gates[i].Result.IsCompleted || gates[i].Result.GetResult() != i + 1)
                {
                    throw new InvalidOperationException("A result is missing, or somebody else's.");
                }
            }
        }
    }

    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    private static async ValueTask<int> AddAsync(Task<int> left, int right) => await left + right;

    private static ValueTask<int> AddOneAsync(Gate gate)
    {
        var machine = new AddOne { Builder = RecyclingMethodBuilder<int>.Create(), Gate = gate };
        machine.Builder.Start(ref machine);
        return machine.Builder.Task;
    }

    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    private static async ValueTask<int> AddTwiceAsync(int number)
    {
        await Task.Yield();
        var sum = await AddAsync(Task.Run(() => number), 1);
        await Task.Yield();
        return sum + 1;
    }

    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    private static async ValueTask<int> ThrowAsync(bool waitsFirst, Exception exception)
    {
        if (waitsFirst)
        {
            await Task.Yield();
        }

        throw exception;
    }

    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    private static async ValueTask<(int Before, int After)> ChangeLocalAsync(Task gate, int added)
    {
        var before = s_local.Value;
        s_local.Value += added;
        await gate;
        return (before, s_local.Value);
    }

    /// <summary><c>async gate => await gate + 1</c>, as an optimising compiler writes it: unoptimised state machines are classes.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct AddOne : IAsyncStateMachine
    {
        public RecyclingMethodBuilder<int> Builder;
        public Gate Gate;
        private bool _hasWaited;

        public void MoveNext()
        {
            if (_hasWaited)
            {
                Builder.SetResult(Gate.GetResult() + 1);
                return;
            }

            _hasWaited = true;
            var awaiter = Gate;
            Builder.AwaitUnsafeOnCompleted(ref awaiter, ref this);
        }

        public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => Builder.SetStateMachine(stateMachine);
    }

    /// <summary>Something to wait for that costs nothing: one waiter, who runs on where it is opened.</summary>
    private sealed class Gate : ICriticalNotifyCompletion
    {
        private Action? _waiter;
        private int _value;

        public bool IsCompleted => false;

        public ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter Result { get; set; }

        public Gate GetAwaiter() => this;

        public int GetResult() => _value;

        public void OnCompleted(Action continuation) => _waiter = continuation;

        public void UnsafeOnCompleted(Action continuation) => _waiter = continuation;

        public void Open(int value)
        {
            _value = value;
            _waiter!();
        }
    }
}
