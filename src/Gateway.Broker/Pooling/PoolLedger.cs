using System.Diagnostics;
using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>
/// The books of one pool: which connections there are, who holds them, who waits, what to do next. It does no I/O, takes no
/// lock and reads no clock: <see cref="ConnectionPool"/> calls it under its lock with the time, and carries out the
/// <see cref="PoolWork"/> afterwards.
/// </summary>
/// <remarks>
/// <para><c>idle + leased + opening + closing ≤ maximum</c>, always. A connection that is being closed keeps its place until it is
/// gone: a server limited to two sessions per account must not see a third.</para>
/// <para>While somebody waits, no connection has room: every change serves the line first.</para>
/// </remarks>
internal sealed partial class PoolLedger
{
    /// <summary>A connection lost before this age says something about the server's willingness, not about an old connection.</summary>
    private static readonly TimeSpan EarlyLoss = TimeSpan.FromSeconds(10);

    private readonly ConnectionPool _pool;
    private readonly string _backend;
    private readonly bool _isShareable;
    private readonly ConnectionTally _tally;
    private readonly TimeSpan _patience;
    private readonly Random _random;
    private readonly List<PooledConnection> _connections = [];
    private readonly WaiterLine _line = new();
    private readonly LeaseList _leases = new();
    private readonly HandshakeGate _gate;
    private readonly CircuitBreaker _breaker;
    private PoolOptions _options;
    private PoolPhase _phase;
    private PoolFailure? _lastFailure;
    private BackendException? _lastOpenFailure;
    private BackendCapabilities? _capabilities;
    private long _opened;
    private int _usable;
    private int _closing;
    private int _ceiling;
    private bool _firstAttemptEnded;
    private bool _turnedAway;

    /// <param name="pool">Gets the leases back.</param>
    /// <param name="backend">The backend's name.</param>
    /// <param name="options">Its pool settings.</param>
    /// <param name="isShareable">Whether several leases may share a connection.</param>
    /// <param name="tally">Shared with the pools that this one replaces.</param>
    /// <param name="wasTried">Whether a pool that this one replaces has had its first attempt.</param>
    /// <param name="patience">Until when this pool leaves the former ones' connections their places.</param>
    /// <param name="random">For jitter.</param>
    public PoolLedger(
        ConnectionPool pool,
        string backend,
        PoolOptions options,
        bool isShareable,
        ConnectionTally tally,
        bool wasTried,
        TimeSpan patience,
        Random random)
    {
        _pool = pool;
        _tally = tally;
        _patience = patience;
        _backend = backend;
        _options = options;
        _isShareable = isShareable;
        _random = random;
        _gate = new HandshakeGate(options.MaxConcurrentHandshakes, random);
        _breaker = new CircuitBreaker(random);
        _ceiling = options.MaxConnections;

        // Without a minimum nothing is opened before the first caller: there is no attempt to wait for.
        _firstAttemptEnded = wasTried || options.MinConnections == 0;
    }

    public PoolOptions Options => _options;

    public PoolPhase Phase => _phase;

    public CircuitState Circuit => _breaker.State;

    private int LeasesPerConnection => _isShareable ? Math.Max(1, _options.LeasesPerConnection) : 1;

    /// <summary>Places taken out of the maximum.</summary>
    private int Occupied => _connections.Count + _gate.UnderWay + _closing;

    /// <summary>Connections of the pools that this one replaced. Other threads only ever make it smaller.</summary>
    private int Former => Math.Max(0, _tally.Count - Occupied);

    /// <summary>The caller gets a lease at once, a place in the line, or a refusal.</summary>
    public Acquisition Acquire(TimeSpan now, TimeSpan startedAt, ActivityContext caller, ref PoolWork work)
    {
        if (_phase is not PoolPhase.Running)
        {
            return _phase is PoolPhase.Replaced ? default : new Acquisition(null, Refusal: Refuse(PoolRefusalKind.ShuttingDown, now));
        }

        if (PickConnection(now) is { } connection)
        {
            var isShared = connection.Leases > 0;
            var lease = StartLease(connection, now, isWarm: true);
            if (isShared)
            {
                RecallFrom(connection, ref work);
            }

            if (isShared && _gate.UnderWay == 0 && Occupied < _options.MaxConnections)
            {
                PlanOpenings(now, grow: 1, ref work);
            }

            return new Acquisition(lease);
        }

        if (_line.Count >= _options.MaxWaiting)
        {
            return new Acquisition(null, Refusal: Refuse(PoolRefusalKind.LineFull, now));
        }

        if (!IsWorthWaiting(now))
        {
            NoteTurnedAway(ref work);
            return new Acquisition(null, Refusal: Refuse(PoolRefusalKind.BackendFailing, now));
        }

        var waiter = new Waiter(startedAt, caller);
        _line.Add(waiter);
        RecallForLine(ref work);
        PlanOpenings(now, grow: 0, ref work);
        return new Acquisition(null, waiter);
    }

    /// <summary>The caller left, or its time is up.</summary>
    /// <returns>False where its end was decided before.</returns>
    public bool Leave(Waiter waiter) => _line.Remove(waiter);

    /// <summary>What a caller hears whose time is up.</summary>
    public PoolRefusal RefuseLate(TimeSpan now)
    {
        var isOpening = _gate.UnderWay > 0 || _lastOpenFailure is not null;
        return Refuse(_usable == 0 && isOpening ? PoolRefusalKind.NotOpened : PoolRefusalKind.WaitedTooLong, now);
    }

    /// <summary>A lease was given back.</summary>
    public void EndLease(ConnectionLease lease, TimeSpan now, ref PoolWork work)
    {
        _leases.Remove(lease);
        var connection = lease.Pooled;
        connection.Leases--;
        if (connection.Extra == lease)
        {
            connection.Extra = null;
        }

        connection.LastUsedAt = now;

        // A caller that left without an answer has proved nothing.
        connection.LastHeardAt = now - connection.Connection.Silence;
        if (!connection.IsInPool)
        {
            // It was lost: for no other reason does a connection leave its leases. Who used it may only now have given up what it left on
            // the server: a probe removes that.
            _leftBehindAt = now;
            ProbeAll(ref work);
        }

        work.Reschedule |= connection.IsProbeOwed;
        Freed(connection, now, ref work);
    }

    /// <summary>A login succeeded.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="startedAt">When the login began.</param>
    /// <param name="now">The time.</param>
    /// <param name="work">Takes what follows.</param>
    /// <returns>The connection; where the pool has ended meanwhile it is on its way out already.</returns>
    public PooledConnection Opened(BackendConnection connection, TimeSpan startedAt, TimeSpan now, ref PoolWork work)
    {
        _gate.LeaveSucceeded(now);
        _breaker.OnSuccess();
        _extraOpenings = Math.Max(0, _extraOpenings - 1);
        _firstAttemptEnded = true;
        _lastFailure = null;
        _lastOpenFailure = null;
        _capabilities = connection.Capabilities;

        var lifetime = _options.MaxLifetime * (1 - (_random.NextDouble() / 10));
        var pooled = new PooledConnection(++_opened, connection, now, now + lifetime)
        {
            IsInPool = true,

            // It may have looked for what was left behind just before that was.
            IsProbeOwed = startedAt <= _leftBehindAt,
        };
        _connections.Add(pooled);
        _usable++;
        if (_phase is not PoolPhase.Running)
        {
            Evict(pooled, EvictionReason.Drained, now, ref work);
            return pooled;
        }

        ServeLine(now, ref work);
        RetireExpired(now, ref work);

        // Callers that come together ask for one connection when the first of them has to share. It is too late for them, but where
        // so many came, so many will come again: one after the other is opened while their leases last.
        PlanOpenings(now, grow: _leases.Count > _usable ? 1 : 0, ref work);
        work.Reschedule = true;
        return pooled;
    }

    /// <summary>A login failed.</summary>
    public void OpenFailed(BackendException failure, TimeSpan now, DateTimeOffset utcNow, ref PoolWork work)
    {
        _gate.LeaveFailed(now);
        _tally.Add(-1);
        NoteOpenFailure(failure, now);
        _firstAttemptEnded = true;
        _lastFailure = new PoolFailure(failure.Error, failure.Message + HintAtLimit(), utcNow);
        _lastOpenFailure = failure;
        TurnAwayHopeless(now, ref work);
        PlanOpenings(now, grow: 0, ref work);
        work.Reschedule = true;
        NoteVacancy(ref work);
    }

    /// <summary>The pool itself gave a login up.</summary>
    public void OpenAborted(ref PoolWork work)
    {
        _gate.LeaveAborted();
        _tally.Add(-1);
        _breaker.OnAborted();
        NoteVacancy(ref work);
    }

    /// <summary>A connection broke.</summary>
    public bool Lost(PooledConnection connection, BackendException reason, TimeSpan now, DateTimeOffset utcNow, ref PoolWork work) =>
        Lost(connection, EvictionReason.Lost, reason, now, utcNow, ref work);

    /// <summary>A connection was closed to the end; its place is free.</summary>
    public void Closed(TimeSpan now, ref PoolWork work)
    {
        _closing--;
        _tally.Add(-1);
        RetireExpired(now, ref work);
        PlanOpenings(now, grow: 0, ref work);
        NoteVacancy(ref work);
    }

    /// <summary>No more leases; what is idle closes now, the rest when its last lease ends.</summary>
    public void Drain(PoolPhase phase, TimeSpan now, ref PoolWork work)
    {
        if (_phase is PoolPhase.ShuttingDown)
        {
            return;
        }

        _phase = phase;
        while (_line.First is { } waiter)
        {
            _line.Remove(waiter);
            waiter.Refusal = phase is PoolPhase.ShuttingDown ? Refuse(PoolRefusalKind.ShuttingDown, now) : null;
            work.End(waiter);
        }

        for (var i = _connections.Count - 1; i >= 0; i--)
        {
            Retire(_connections[i], EvictionReason.Drained, now, ref work);
        }

        NoteVacancy(ref work);
    }

    public IReadOnlyList<PooledConnection> ListConnections() => [.. _connections];

    private ConnectionLease StartLease(PooledConnection connection, TimeSpan now, bool isWarm)
    {
        var lease = new ConnectionLease(_pool, connection, now, isWarm);
        Add(lease);
        return lease;
    }

    private void ServeLine(TimeSpan now, ref PoolWork work)
    {
        while (_line.First is { } waiter && PickConnection(now) is { } connection)
        {
            _line.Remove(waiter);
            waiter.Lease = StartLease(connection, now, connection.OpenedAt < waiter.StartedAt);
            work.End(waiter);
        }
    }

    /// <summary>Room appeared on a connection: the line is served, or a retiring one closes.</summary>
    private void Freed(PooledConnection connection, TimeSpan now, ref PoolWork work)
    {
        if (!connection.IsInPool)
        {
            return;
        }

        if (connection is { Retiring: { } reason, Load: 0 })
        {
            Evict(connection, reason, now, ref work);
            return;
        }

        ServeLine(now, ref work);
        if (connection.ExpiresAt <= now)
        {
            RetireExpired(now, ref work);
        }
    }

    private bool Lost(
        PooledConnection connection, EvictionReason why, BackendException reason, TimeSpan now, DateTimeOffset utcNow, ref PoolWork work)
    {
        if (!connection.IsInPool)
        {
            return false;
        }

        _lastFailure = new PoolFailure(reason.Error, reason.Message, utcNow);
        if (now - connection.OpenedAt < EarlyLoss)
        {
            _gate.OnEarlyLoss(now);
        }

        // What took one connection (a restart, a firewall's memory) often took the others without a sign.
        ProbeAll(ref work);
        Evict(connection, why, now, ref work);
        return true;
    }

    private void Evict(PooledConnection connection, EvictionReason reason, TimeSpan now, ref PoolWork work)
    {
        _connections.Remove(connection);
        connection.IsInPool = false;
        connection.EvictedFor = reason;
        if (connection.Retiring is null)
        {
            _usable--;
        }

        _closing++;
        work.Close(connection);
        TurnAwayHopeless(now, ref work);
        PlanOpenings(now, grow: 0, ref work);
    }

    private void Retire(PooledConnection connection, EvictionReason reason, TimeSpan now, ref PoolWork work)
    {
        if (connection.Retiring is null)
        {
            connection.Retiring = reason;
            _usable--;
            RecallFrom(connection, ref work);
        }

        if (connection.Load == 0)
        {
            Evict(connection, reason, now, ref work);
        }
    }

    /// <summary>Servers that limit the sessions of an account say so in many ways, and most in none.</summary>
    private string HintAtLimit() => _usable == 0
        ? ""
        : $" Connections that are open go on serving ({_usable}): if the server allows the account no more sessions, lower Pool:MaxConnections to that.";

    /// <summary>Places became free: a lowered maximum takes hold, a drained pool may be done, its successor may open more.</summary>
    private void NoteVacancy(ref PoolWork work)
    {
        work.Vacated |= _phase is PoolPhase.Replaced;
        _ceiling = Math.Max(_options.MaxConnections, Math.Min(_ceiling, Occupied));
        work.Drained |= _phase is not PoolPhase.Running && Occupied == 0;
    }

    private PoolRefusal Refuse(PoolRefusalKind kind, TimeSpan now)
    {
        TimeSpan? retryAfter = null;
        if (_breaker.State is not CircuitState.Closed)
        {
            // Half open: the verdict on the trial under way is not known, nor is a better time than soon.
            var wait = _breaker.GetRetryAt(urgent: true) - now;
            retryAfter = wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1);
        }

        return new PoolRefusal(kind, _backend, _options, _breaker.Cause ?? _lastOpenFailure, retryAfter);
    }
}
