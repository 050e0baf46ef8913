using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>What to open, probe and close, and when to look again.</summary>
internal sealed partial class PoolLedger
{
    /// <summary>A lowered LeasesPerConnection does not take leases back.</summary>
    private int _leaseCeiling;

    /// <summary>When a lost connection's last user ended, and may have left a temporary file on the server.</summary>
    private TimeSpan _leftBehindAt = TimeSpan.MinValue;

    /// <summary>Other settings for the same backend.</summary>
    public void Reconfigure(PoolOptions options, TimeSpan now, ref PoolWork work)
    {
        _leaseCeiling = Math.Max(_leaseCeiling, LeasesPerConnection);
        _options = options;
        _gate.MaxConcurrent = options.MaxConcurrentHandshakes;
        _ceiling = Math.Max(options.MaxConnections, Occupied);
        for (var surplus = Occupied - options.MaxConnections; surplus > 0 && _usable > 0; surplus--)
        {
            Retire(_connections.Where(c => c.Retiring is null).MinBy(c => c.Load)!, EvictionReason.Surplus, now, ref work);
        }

        ServeLine(now, ref work);
        PlanOpenings(now, grow: 0, ref work);
        work.Reschedule = true;
    }

    /// <summary>What time brings: retires the old, prunes the idle, probes the silent, tops up.</summary>
    public void Maintain(TimeSpan now, ref PoolWork work)
    {
        if (_phase is not PoolPhase.Running)
        {
            return;
        }

        RetireExpired(now, ref work);
        Prune(now, ref work);
        foreach (var connection in _connections)
        {
            if (connection is { Load: 0, Retiring: null } && GetProbeDue(connection) <= now)
            {
                connection.IsProbing = true;
                connection.IsProbeOwed = false;
                work.Probe(connection);
            }
        }

        PlanOpenings(now, grow: 0, ref work);
    }

    /// <summary>A probe was answered.</summary>
    public void ProbeSucceeded(PooledConnection connection, TimeSpan now, ref PoolWork work)
    {
        connection.IsProbing = false;
        connection.LastHeardAt = now;
        Freed(connection, now, ref work);
        work.Reschedule = true;
    }

    /// <summary>A probe was not answered.</summary>
    public bool ProbeFailed(
        PooledConnection connection, BackendException reason, TimeSpan now, DateTimeOffset utcNow, ref PoolWork work)
    {
        connection.IsProbing = false;
        return Lost(connection, EvictionReason.ProbeFailed, reason, now, utcNow, ref work);
    }

    /// <summary>When <see cref="Maintain"/> has something to do next; null for never.</summary>
    public TimeSpan? GetNextDue(TimeSpan now)
    {
        if (_phase is not PoolPhase.Running)
        {
            return null;
        }

        var due = TimeSpan.MaxValue;
        foreach (var connection in _connections)
        {
            if (connection.Retiring is not null)
            {
                continue;
            }

            if (connection.ExpiresAt > now)
            {
                due = Earlier(due, connection.ExpiresAt);
            }

            if (connection.Load > 0)
            {
                // In use, and nobody tells when it is no longer: looking again after one interval is never late, since the
                // interval begins when the use ends.
                due = Earlier(due, now + Earlier(_options.ProbeInterval, _options.IdleTimeout));
                continue;
            }

            due = Earlier(due, GetProbeDue(connection));
            if (_usable > _options.MinConnections)
            {
                due = Earlier(due, connection.LastUsedAt + _options.IdleTimeout);
            }
        }

        if (now < _patience && Former > 0)
        {
            due = Earlier(due, _patience);
        }

        // Where the gate is full there is nothing to wake up for: the end of a login plans the next.
        var canOpen = _breaker.State is CircuitState.Closed ? _gate.GetRoom(now) > 0 : _gate.UnderWay == 0;
        if (canOpen && CountMissing(now, grow: 0) > 0)
        {
            due = Earlier(due, GetOpeningDue());
        }

        return due == TimeSpan.MaxValue ? null : due;
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private TimeSpan GetProbeDue(PooledConnection connection) =>
        connection.IsProbeOwed ? TimeSpan.Zero : connection.LastHeardAt + _options.ProbeInterval;

    /// <summary>Every connection is due for a probe: one in use when its use ends, one that is being probed once more.</summary>
    private void ProbeAll(ref PoolWork work)
    {
        foreach (var connection in _connections)
        {
            connection.IsProbeOwed = true;
        }

        work.Reschedule = true;
    }

    /// <summary>
    /// Over-age connections leave. One that is needed, for the minimum or for the callers on it, stays until its replacement
    /// is open. Where the maximum leaves no place for a replacement they leave one at a time, and the last one when it is idle.
    /// </summary>
    private void RetireExpired(TimeSpan now, ref PoolWork work)
    {
        if (_phase is not PoolPhase.Running)
        {
            return;
        }

        for (var i = _connections.Count - 1; i >= 0; i--)
        {
            var connection = _connections[i];
            if (connection.Retiring is not null || connection.ExpiresAt > now)
            {
                continue;
            }

            var isReplaced = _usable - CountExpired(now) >= Floor;
            var isBlocked = Occupied >= _options.MaxConnections && _closing == 0 && _usable == _connections.Count;
            if (isReplaced || (isBlocked && (connection.Load == 0 || !_isShareable || _usable > 1)))
            {
                Retire(connection, EvictionReason.Lifetime, now, ref work);
            }
        }
    }

    /// <summary>Connections that are idle for too long leave, the longest idle first, down to the minimum.</summary>
    private void Prune(TimeSpan now, ref PoolWork work)
    {
        while (_usable > _options.MinConnections
            && _connections.Where(c => c is { Load: 0, Retiring: null }).MinBy(c => c.LastUsedAt) is { } idle
            && idle.LastUsedAt + _options.IdleTimeout <= now)
        {
            Evict(idle, EvictionReason.Idle, now, ref work);
        }
    }

    private int CountExpired(TimeSpan now)
    {
        var count = 0;
        foreach (var connection in _connections)
        {
            count += connection.Retiring is null && connection.ExpiresAt <= now ? 1 : 0;
        }

        return count;
    }

    /// <summary>Usable connections to keep: the minimum, and one wherever there are leases.</summary>
    private int Floor => Math.Max(_options.MinConnections, _leases.Count > 0 ? 1 : 0);

    /// <summary>
    /// How many more logins should be under way: enough for the line, for the minimum, and for growth (a caller that had to
    /// share, a transfer that could use more); never more than there are places for.
    /// </summary>
    private int CountMissing(TimeSpan now, int grow)
    {
        if (_phase is not PoolPhase.Running)
        {
            return 0;
        }

        var forLine = (_line.Count + LeasesPerConnection - 1) / LeasesPerConnection;
        var expired = CountExpired(now);
        var forMinimum = expired > 0 ? Floor - (_usable - expired) : _options.MinConnections - _usable;
        var forGrowth = Math.Max(grow, _turnedAway && _usable == 0 ? 1 : 0);
        var wanted = Math.Max(forLine, Math.Max(forMinimum, forGrowth));
        return Math.Min(wanted - _gate.UnderWay, CountPlaces(now));
    }

    /// <summary>
    /// Places for more connections. Those of the pools that this one replaced are taken off, since the server may count them
    /// against the account's limit; but leases of theirs that last long leave this pool one connection at least.
    /// </summary>
    private int CountPlaces(TimeSpan now)
    {
        var former = Former;
        var respected = now < _patience ? former : Math.Min(former, _options.MaxConnections - 1);
        return _options.MaxConnections - Occupied - respected;
    }

    /// <summary>Whether a caller, or the line, has nothing else to be served from.</summary>
    private bool IsUrgent => _usable == 0 && (_line.Count > 0 || _turnedAway);

    private TimeSpan GetOpeningDue() =>
        _breaker.State is CircuitState.Closed ? _gate.GetNotBefore(IsUrgent) : _breaker.GetRetryAt(IsUrgent);

    private void PlanOpenings(TimeSpan now, int grow, ref PoolWork work)
    {
        var missing = CountMissing(now, grow);
        if (missing <= 0 || _breaker.State is CircuitState.HalfOpen)
        {
            return;
        }

        if (GetOpeningDue() > now)
        {
            work.Reschedule |= grow == 0;
            return;
        }

        if (_breaker.State is CircuitState.Open)
        {
            // A login that began before the breaker opened is still under way: its end plans again.
            if (_gate.UnderWay > 0)
            {
                return;
            }

            _breaker.BeginTrial();
        }

        var count = Math.Min(missing, _gate.GetRoom(now));
        for (var i = 0; i < count; i++)
        {
            _gate.Enter();
        }

        _turnedAway &= count == 0;
        _tally.Add(count);
        work.Openings += count;
        if (_line.First is { } first)
        {
            work.OpeningFor = first.Caller;
        }
    }

    /// <summary>
    /// Whether a caller who finds no room may hope: for a lease that ends, for a login that works lately, or for the trial
    /// that it starts itself because nobody else has since the breaker's time came.
    /// </summary>
    private bool IsWorthWaiting(TimeSpan now) =>
        _usable > 0
        || _breaker.State is CircuitState.Closed
        || (_breaker.State is CircuitState.Open && _gate.UnderWay == 0 && _breaker.GetRetryAt(urgent: true) <= now);

    /// <summary>The breaker is open and nothing is left that could serve the line: all of it gets the cause, now.</summary>
    private void TurnAwayHopeless(TimeSpan now, ref PoolWork work)
    {
        if (_usable > 0 || _breaker.State is not CircuitState.Open || _gate.UnderWay > 0 || _line.Count == 0)
        {
            return;
        }

        NoteTurnedAway(ref work);
        var refusal = Refuse(PoolRefusalKind.BackendFailing, now);
        while (_line.First is { } waiter)
        {
            _line.Remove(waiter);
            waiter.Refusal = refusal;
            work.End(waiter);
        }
    }

    /// <summary>
    /// Somebody wanted a connection and there was none: a trial runs in the background as soon as the breaker's time comes, so
    /// that under load no caller has to wait for one.
    /// </summary>
    private void NoteTurnedAway(ref PoolWork work)
    {
        work.Reschedule |= !_turnedAway;
        _turnedAway = true;
    }
}
