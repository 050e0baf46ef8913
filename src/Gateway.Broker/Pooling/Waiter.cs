using System.Diagnostics;

namespace Gateway.Broker.Pooling;

/// <summary>
/// A caller in the line. Whoever takes it out of the line, under the pool's lock, decides how it ends, and ends it after the
/// lock: so a lease can never be given to a caller who has left.
/// </summary>
internal sealed class Waiter(TimeSpan startedAt, ActivityContext caller)
    : TaskCompletionSource<ConnectionLease?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>When the caller asked.</summary>
    public TimeSpan StartedAt => startedAt;

    /// <summary>The caller's span: the parent of a login made for it.</summary>
    public ActivityContext Caller => caller;

    public bool IsInLine { get; set; }

    public Waiter? Previous { get; set; }

    public Waiter? Next { get; set; }

    /// <summary>What it gets; with <see cref="Refusal"/> null too, the pool was replaced and the caller looks again.</summary>
    public ConnectionLease? Lease { get; set; }

    public PoolRefusal? Refusal { get; set; }

    /// <summary>Ends the wait. Outside the lock.</summary>
    public void Complete()
    {
        if (Refusal is { } refusal)
        {
            SetException(refusal.ToException());
        }
        else
        {
            SetResult(Lease);
        }
    }
}
