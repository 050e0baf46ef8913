using System.Diagnostics;

namespace Gateway.Broker.Pooling;

/// <summary>The sums: shown to the outside, and asserted.</summary>
internal sealed partial class PoolLedger
{
    public PoolSnapshot CreateSnapshot(TimeSpan now)
    {
        var leased = _connections.Count(c => c.Leases > 0);
        return new PoolSnapshot
        {
            Backend = _backend,
            Idle = _connections.Count - leased,
            Leased = leased,
            Leases = _leases.Count,
            Opening = _gate.UnderWay,
            Closing = _closing,
            Former = Former,
            Waiting = _line.Count,
            Max = _ceiling,
            Circuit = _breaker.State,
            LastError = _lastFailure,
            FirstAttemptEnded = _firstAttemptEnded,
            Draining = _phase is not PoolPhase.Running,
            Capabilities = _capabilities,
            OldestLeaseAge = _leases.Oldest is { } oldest ? now - oldest.StartedAt : null,
        };
    }

    /// <summary>The sums that hold after every step.</summary>
    [Conditional("DEBUG")]
    public void AssertBalanced()
    {
        var usable = 0;
        var leases = 0;
        foreach (var connection in _connections)
        {
            Debug.Assert(connection is { IsInPool: true, Leases: >= 0 }, "A connection in the pool that is not of it.");
            Debug.Assert(connection.Load <= Math.Max(_leaseCeiling, LeasesPerConnection), "A connection with too many leases.");
            usable += connection.Retiring is null ? 1 : 0;
            leases += connection.Leases;
        }

        Debug.Assert(_gate.UnderWay >= 0 && _closing >= 0 && Occupied <= _ceiling, "More connections than the maximum.");
        Debug.Assert(_tally.Count >= Occupied, "A connection is missing from the backend's tally.");
        Debug.Assert(usable == _usable, "Usable connections are miscounted.");
        Debug.Assert(leases <= _leases.Count, "A lease is missing from the list.");
        Debug.Assert(_line.Count == 0 || PickConnection(now: default) is null, "Somebody waits although a connection has room.");
        Debug.Assert(_phase is PoolPhase.Running || (_line.Count == 0 && _usable == 0), "A drained pool still serves.");
    }
}
