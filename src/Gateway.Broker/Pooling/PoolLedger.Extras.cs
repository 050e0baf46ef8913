using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>Extra leases: further connections for one large transfer, of those that nobody else needs.</summary>
internal sealed partial class PoolLedger
{
    /// <summary>
    /// A login that failed says that the server may allow no more sessions: transfers do without for so long. Callers that need a
    /// connection have the gate's own, shorter times.
    /// </summary>
    private static readonly TimeSpan ExtraOpeningPause = TimeSpan.FromMinutes(5);

    private TimeSpan _noExtraOpeningBefore = TimeSpan.MinValue;
    private int _extraOpenings;

    /// <summary>
    /// A lease for a transfer that has one already, on a connection that is idle. It never waits, and leaves the next caller an idle
    /// connection (of one or two connections in all nobody can be left one: there the next caller has it recalled). Where there is none,
    /// more are opened in the background, at a time of peace only.
    /// </summary>
    /// <param name="wanted">How many the transfer would take.</param>
    /// <param name="now">The time.</param>
    /// <param name="work">What follows.</param>
    public ConnectionLease? TryAcquireExtra(int wanted, TimeSpan now, ref PoolWork work)
    {
        if (_phase is not PoolPhase.Running || _line.Count > 0 || _breaker.State is not CircuitState.Closed)
        {
            return null;
        }

        var kept = _options.MaxConnections > 2 ? 1 : 0;
        var idle = 0;
        PooledConnection? best = null;
        foreach (var candidate in _connections)
        {
            if (candidate is { Load: 0, Retiring: null, Connection.IsBroken: false } && candidate.ExpiresAt > now)
            {
                idle++;
                best = best is null || candidate.LastUsedAt > best.LastUsedAt ? candidate : best;
            }
        }

        if (idle < wanted + kept && now >= _noExtraOpeningBefore)
        {
            var before = work.Openings;
            PlanOpenings(now, grow: wanted + kept - idle, ref work);
            _extraOpenings += work.Openings - before;
        }

        if (best is null || idle <= kept)
        {
            return null;
        }

        best.Extra = new ConnectionLease(_pool, best, now, isWarm: true) { Recall = new CancellationTokenSource() };
        Add(best.Extra);
        return best.Extra;
    }

    /// <summary>
    /// A login failed. Where it may have been for speed alone, while other connections serve, and is not about who we are, that is no
    /// sign that the server is in trouble: the breaker does not hear of it.
    /// </summary>
    private void NoteOpenFailure(BackendException failure, TimeSpan now)
    {
        _noExtraOpeningBefore = now + ExtraOpeningPause;
        var wasExtra = _extraOpenings > 0;
        _extraOpenings -= wasExtra ? 1 : 0;
        if (!wasExtra || _usable == 0 || _breaker.State is not CircuitState.Closed
            || failure.Error is BackendError.AuthenticationFailed or BackendError.HostKeyMismatch or BackendError.CertificateInvalid)
        {
            _breaker.OnFailure(failure, now);
        }
    }

    /// <summary>An idle connection is lighter than one with an extra lease, which will be given back, and that lighter than all others.</summary>
    private static int Weigh(PooledConnection connection) => (connection.Load * 2) - (connection.Extra is null ? 0 : 1);

    private void Add(ConnectionLease lease)
    {
        lease.Pooled.Leases++;
        _leases.Add(lease);
    }

    /// <summary>The extra lease of a connection that somebody else came to, or that is to close, is asked back.</summary>
    private static void RecallFrom(PooledConnection connection, ref PoolWork work)
    {
        if (connection.Extra is { } extra)
        {
            connection.Extra = null;
            work.Recall(extra);
        }
    }

    /// <summary>One for each that waits: every extra lease holds what might be the room for one.</summary>
    private void RecallForLine(ref PoolWork work)
    {
        if (_connections.Find(connection => connection.Extra is not null) is { } connection)
        {
            RecallFrom(connection, ref work);
        }
    }
}
