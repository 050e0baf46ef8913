namespace Gateway.Broker.Pooling;

/// <summary>Gathering: the leases of large downloads move to few connections where many use all processors up.</summary>
internal sealed partial class PoolLedger
{
    /// <summary>As many downloads for each of the few keep it busy, and share it as fairly as they shared the many.</summary>
    private const int LeastGathered = 4;

    /// <summary>
    /// Where a transfer could go on with many others: the least loaded of the first few connections. Those are the same for everybody, so nobody
    /// moves twice, and the others become idle for callers who come later.
    /// </summary>
    /// <param name="own">The transfer's lease.</param>
    /// <param name="few">How many connections they gather on.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null where it is there already, where there is no room, and where too few use the pool for it to matter.</returns>
    public PooledConnection? FindGathering(ConnectionLease own, int few, TimeSpan now)
    {
        if (_phase is not PoolPhase.Running || _line.Count > 0 || _leases.Count < few * LeastGathered)
        {
            return null;
        }

        PooledConnection? best = null;
        foreach (var candidate in _connections)
        {
            if (few == 0 || candidate == own.Pooled)
            {
                break;
            }

            if (candidate.Retiring is not null || candidate.Connection.IsBroken || candidate.ExpiresAt <= now)
            {
                continue;
            }

            few--;
            if (HasRoom(candidate) && candidate.Extra is null && (best is null || candidate.Load < best.Load))
            {
                best = candidate;
            }
        }

        return few == 0 ? best : null;
    }

    /// <summary>A lease there; see <see cref="FindGathering"/>.</summary>
    public ConnectionLease? TryAcquireGathering(ConnectionLease own, int few, TimeSpan now) =>
        FindGathering(own, few, now) is { } connection ? StartLease(connection, now, isWarm: true) : null;
}
