using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Gateway.Api.Hosting;

namespace Gateway.Api.Limits;

/// <summary>
/// How fast one transfer may go. It waits between two pieces, where neither the caller nor the backend is waited for: no stall is ever measured
/// across it. One timer serves the whole transfer. For one thread at a time.
/// </summary>
internal sealed class TransferPace(BytePace bytes, TimeProvider time) : IValueTaskSource, IDisposable
{
    /// <summary>Shorter waits are left for the next piece: a timer would not keep them.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(10);

    private ManualResetValueTaskSourceCore<bool> _wait = new() { RunContinuationsAsynchronously = true };
    private ITimer? _timer;
    private int _isWaiting;

    /// <summary>That of a request; null where nothing is limited.</summary>
    public static TransferPace? Of(HttpContext context) => context.FindFeature<TransferPlace>()?.Pace;

    /// <summary>The most that one step should move, in bytes.</summary>
    public int Piece => bytes.Piece;

    /// <summary>Takes note of bytes that went through, and waits until there may be more; not past the end of the exchange.</summary>
    public ValueTask TakeAsync(long count, CancellationToken aborted)
    {
        var wait = bytes.Take(count);
        return wait < s_shortest ? default : WaitAsync(wait, aborted);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync(TimeSpan wait, CancellationToken aborted)
    {
        _wait.Reset();
        Volatile.Write(ref _isWaiting, 1);
        if (_timer is null)
        {
            _timer = time.CreateTimer(static state => ((TransferPace)state!).End(), this, wait, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }

        // Whoever left is found out by the next step.
        using (aborted.UnsafeRegister(static state => ((TransferPace)state!).End(), this))
        {
            await new ValueTask(this, _wait.Version);
        }
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1)
        {
            _wait.SetResult(true);
        }
    }
}
