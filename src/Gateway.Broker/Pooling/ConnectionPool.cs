using System.Diagnostics;
using Gateway.Broker.Backends;
using Microsoft.Extensions.Logging;

namespace Gateway.Broker.Pooling;

/// <summary>The connections of one backend's identity.</summary>
/// <remarks>
/// Every method does the same three things: takes the lock, lets the <see cref="PoolLedger"/> decide, and carries the decision out
/// after the lock (<see cref="Carry"/>): completing waiters, and starting logins, probes and closings on the thread pool.
/// </remarks>
internal sealed partial class ConnectionPool : IAsyncDisposable
{
    /// <summary>Longest wait for a connection to close; drivers need a few seconds at most. Then its place is given away.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a new pool leaves the connections of its predecessor their places, before it insists on one of its own.</summary>
    private static readonly TimeSpan HandoverPatience = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly PoolLedger _ledger;
    private readonly ConnectionTally _tally;
    private readonly PoolClock _clock;
    private readonly PoolMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ConnectionOpener _opener;
    private readonly PoolMaintainer _maintainer;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _stopping = Task.CompletedTask;

    /// <param name="definition">The backend.</param>
    /// <param name="former">The pool that this one replaces, if it replaces one.</param>
    /// <param name="clock">The broker's.</param>
    /// <param name="metrics">The broker's.</param>
    /// <param name="logger">The broker's.</param>
    /// <param name="random">For jitter.</param>
    public ConnectionPool(
        BackendDefinition definition, ConnectionPool? former, PoolClock clock, PoolMetrics metrics, ILogger logger, Random random)
    {
        Definition = definition;
        _tally = former?._tally ?? new ConnectionTally();
        _clock = clock;
        _metrics = metrics;
        _logger = logger;

        // A gateway in service stays ready: only a backend that was never tried is waited for.
        var wasTried = former?.CreateSnapshot().FirstAttemptEnded ?? false;
        _ledger = new PoolLedger(
            this,
            definition.Name,
            definition.Pool,
            definition.Connector.IsShareable,
            _tally,
            wasTried,
            clock.Now + HandoverPatience,
            random);
        _opener = new ConnectionOpener(definition, clock, metrics, logger);
        _maintainer = new PoolMaintainer(this, clock);
        _tally.Current = this;
    }

    /// <summary>What it was made for; its pool settings may have changed since.</summary>
    public BackendDefinition Definition { get; }

    /// <summary>Ends when a drained pool holds no connection any more.</summary>
    public Task Drained => _drained.Task;

    private string Backend => Definition.Name;

    /// <summary>Opens the minimum, in the background.</summary>
    public void Start() => Maintain();

    /// <summary>A lease at once, a place in the line (then <see cref="WaitAsync"/> must follow), or neither.</summary>
    /// <param name="startedAt">When the caller asked; the acquire timeout counts from there.</param>
    public Acquisition Acquire(TimeSpan startedAt)
    {
        var work = default(PoolWork);
        var caller = PoolActivities.AreRecorded ? Activity.Current?.Context ?? default : default;
        Acquisition answer;
        lock (_lock)
        {
            answer = _ledger.Acquire(_clock.Now, startedAt, caller, ref work);
            Settle(ref work);
        }

        if (work.OpeningFor == default)
        {
            work.OpeningFor = caller;
        }

        Carry(ref work);
        return answer;
    }

    /// <summary>A further lease for a transfer; see <see cref="PoolLedger.TryAcquireExtra"/>.</summary>
    public ConnectionLease? TryAcquireExtra(int wanted)
    {
        var work = default(PoolWork);
        ConnectionLease? lease;
        lock (_lock)
        {
            lease = _ledger.TryAcquireExtra(wanted, _clock.Now, ref work);
            Settle(ref work);
        }

        Carry(ref work);
        if (lease is not null)
        {
            _metrics.AcquiredExtra(Backend);
        }

        return lease;
    }

    /// <summary>Whether there is a connection that a transfer could move to; see <see cref="PoolLedger.FindGathering"/>.</summary>
    public bool CanGather(ConnectionLease own)
    {
        lock (_lock)
        {
            return _ledger.FindGathering(own, Definition.GatheredConnections, _clock.Now) is not null;
        }
    }

    /// <summary>A lease there, beside the transfer's own until that ends.</summary>
    public ConnectionLease? TryAcquireGathering(ConnectionLease own)
    {
        ConnectionLease? lease;
        lock (_lock)
        {
            lease = _ledger.TryAcquireGathering(own, Definition.GatheredConnections, _clock.Now);
            _ledger.AssertBalanced();
        }

        if (lease is not null)
        {
            _metrics.Gathered(Backend);
        }

        return lease;
    }

    /// <summary>Waits in the line.</summary>
    /// <returns>The lease; null where another pool took this one's place and the caller looks again.</returns>
    /// <exception cref="BackendException">No lease within <see cref="PoolOptions.AcquireTimeout"/>, or none to hope for.</exception>
    /// <exception cref="OperationCanceledException">The caller's token, and nothing else.</exception>
    public async ValueTask<ConnectionLease?> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        var rest = waiter.StartedAt + _ledger.Options.AcquireTimeout - _clock.Now;
        await using var timer = _clock.Provider.CreateTimer(
            state => GiveUp((Waiter)state!), waiter, rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.UnsafeRegister((state, token) => Leave((Waiter)state!, token), waiter);
        return await waiter.Task;
    }

    /// <summary>A lease ended.</summary>
    public void Release(ConnectionLease lease)
    {
        var work = default(PoolWork);
        lock (_lock)
        {
            _ledger.EndLease(lease, _clock.Now, ref work);
            Settle(ref work);
        }

        Carry(ref work);
    }

    public PoolSnapshot CreateSnapshot()
    {
        lock (_lock)
        {
            return _ledger.CreateSnapshot(_clock.Now);
        }
    }

    /// <summary>Other pool settings for the same backend.</summary>
    public void Reconfigure(PoolOptions options)
    {
        var work = default(PoolWork);
        lock (_lock)
        {
            if (options == _ledger.Options)
            {
                return;
            }

            _ledger.Reconfigure(options, _clock.Now, ref work);
            Settle(ref work);
        }

        Carry(ref work);
    }

    /// <summary>
    /// Stops giving leases. Callers in the line look again where the pool was <see cref="PoolPhase.Replaced"/>, else they are
    /// refused. <see cref="Drained"/> ends when the last lease has.
    /// </summary>
    public void BeginDrain(PoolPhase phase)
    {
        var work = default(PoolWork);
        lock (_lock)
        {
            if (_ledger.Phase is PoolPhase.Running)
            {
                // Logins under way are of no use to anybody. Their callbacks run elsewhere, later.
                _stopping = _stop.CancelAsync();
            }

            _ledger.Drain(phase, _clock.Now, ref work);
            Settle(ref work);
        }

        Carry(ref work);
    }

    /// <summary>Breaks what is left, so that it closes although it is leased.</summary>
    public void BreakAll()
    {
        IReadOnlyList<PooledConnection> connections;
        lock (_lock)
        {
            connections = _ledger.ListConnections();
        }

        foreach (var pooled in connections)
        {
            pooled.Connection.Break(new BackendException(
                BackendError.ShuttingDown, "The gateway is shutting down and could not wait for this transfer any longer."));
        }
    }

    /// <summary>What the maintainer is for.</summary>
    public void Maintain()
    {
        var work = default(PoolWork);
        lock (_lock)
        {
            _ledger.Maintain(_clock.Now, ref work);
            work.Reschedule = true;
            Settle(ref work);
        }

        Carry(ref work);
    }

    /// <summary>Frees what a drained pool still has; waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        await Drained;
        await _stopping;
        _maintainer.Dispose();
        _stop.Dispose();
    }

    private void Leave(Waiter waiter, CancellationToken cancellationToken)
    {
        bool left;
        lock (_lock)
        {
            left = _ledger.Leave(waiter);
        }

        if (left)
        {
            waiter.SetCanceled(cancellationToken);
        }
    }

    private void GiveUp(Waiter waiter)
    {
        PoolRefusal refusal;
        lock (_lock)
        {
            if (!_ledger.Leave(waiter))
            {
                return;
            }

            refusal = _ledger.RefuseLate(_clock.Now);
        }

        waiter.SetException(refusal.ToException());
    }

    /// <summary>The end of every locked section.</summary>
    private void Settle(ref PoolWork work)
    {
        _ledger.AssertBalanced();
        if (work.Reschedule)
        {
            _maintainer.WakeAt(_ledger.GetNextDue(_clock.Now));
        }
    }

    private void Carry(ref PoolWork work)
    {
        for (var waiter = work.Ended; waiter is not null;)
        {
            // Read before: the caller may be gone, and the waiter with it.
            var next = waiter.Next;
            waiter.Complete();
            waiter = next;
        }

        if (work.Recalls is { } recalls)
        {
            // Elsewhere: a caller that came for a lease must not wait for another's to end.
            recalls.ForEach(lease => ThreadPool.UnsafeQueueUserWorkItem(static recall => recall.Cancel(), lease.Recall!, preferLocal: false));
        }

        if (work.Closing is not null || work.Probing is not null || work.Openings > 0)
        {
            CarryOnThreadPool(ref work);
        }

        if (work.Vacated)
        {
            _tally.Current?.Maintain();
        }

        if (work.Drained)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>
    /// Starts I/O off the caller's path, and without its execution context: a connection outlives the request that caused it and
    /// must not carry that request's ambient values about.
    /// </summary>
    private void CarryOnThreadPool(ref PoolWork work)
    {
        for (var connection = work.Closing; connection is not null; connection = connection.NextInWork)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static job => _ = job.Pool.CloseAsync(job.Connection), (Pool: this, Connection: connection), preferLocal: false);
        }

        for (var connection = work.Probing; connection is not null;)
        {
            // Read before: a probe that fails at once links the connection anew, for closing.
            var next = connection.NextInWork;
            ThreadPool.UnsafeQueueUserWorkItem(
                static job => _ = job.Pool.ProbeAsync(job.Connection), (Pool: this, Connection: connection), preferLocal: false);
            connection = next;
        }

        for (var i = 0; i < work.Openings; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static job => _ = job.Pool.OpenAsync(job.Caller), (Pool: this, Caller: work.OpeningFor), preferLocal: false);
        }
    }
}
