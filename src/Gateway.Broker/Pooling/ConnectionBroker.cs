using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Gateway.Broker.Backends;
using Microsoft.Extensions.Logging;

namespace Gateway.Broker.Pooling;

/// <summary>The pools of all backends: the one place where connections come from.</summary>
public sealed partial class ConnectionBroker : IAsyncDisposable
{
    /// <summary>Longest wait for connections that were broken to close; more than a pool gives each of them.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(12);

    private readonly Lock _lock = new();
    private readonly HashSet<ConnectionPool> _replaced = [];
    private readonly PoolClock _clock;
    private readonly PoolMetrics _metrics;
    private readonly ILogger<ConnectionBroker> _logger;
    private readonly Random _random;
    private volatile FrozenDictionary<string, ConnectionPool> _pools = FrozenDictionary<string, ConnectionPool>.Empty;
    private bool _ending;

    /// <summary>A broker without backends; <see cref="Update"/> brings them.</summary>
    public ConnectionBroker(TimeProvider time, ILoggerFactory loggers, IMeterFactory meters)
        : this(time, loggers, meters, Random.Shared)
    {
    }

    internal ConnectionBroker(TimeProvider time, ILoggerFactory loggers, IMeterFactory meters, Random random)
    {
        _clock = new PoolClock(time);
        _logger = loggers.CreateLogger<ConnectionBroker>();
        _random = random;
        _metrics = new PoolMetrics(meters, GetSnapshots);
    }

    /// <summary>Replaces the set of backends: new ones are opened, changed ones get a new pool, removed ones are drained.</summary>
    /// <remarks>
    /// Returns at once; opening and draining go on in the background. A backend is changed where its
    /// <see cref="BackendDefinition.Identity"/> or protocol is; other <see cref="BackendDefinition.Pool"/> settings take effect on the
    /// pool that is there. Callers that wait on a replaced pool go on waiting on its successor, their leases finish on the old one.
    /// </remarks>
    public void Update(IReadOnlyCollection<BackendDefinition> backends)
    {
        List<ConnectionPool> added = [];
        List<(ConnectionPool Pool, PoolOptions Options)> kept = [];
        List<ConnectionPool> leaving;
        lock (_lock)
        {
            if (_ending)
            {
                return;
            }

            var before = _pools;
            var after = new Dictionary<string, ConnectionPool>(StringComparer.Ordinal);
            foreach (var definition in backends)
            {
                if (before.TryGetValue(definition.Name, out var pool) && IsSame(pool.Definition, definition))
                {
                    after.Add(definition.Name, pool);
                    kept.Add((pool, definition.Pool));
                    continue;
                }

                // One that was removed a moment ago and comes back finds its old connections still counted.
                var former = pool ?? _replaced.FirstOrDefault(p => string.Equals(p.Definition.Name, definition.Name, StringComparison.Ordinal));
                var replacement = new ConnectionPool(definition, former, _clock, _metrics, _logger, _random);
                after.Add(definition.Name, replacement);
                added.Add(replacement);
            }

            leaving = [.. before.Values.Except(after.Values)];
            _replaced.UnionWith(leaving);

            // The successor is known before the old pool sends its callers to look for it.
            _pools = after.ToFrozenDictionary(StringComparer.Ordinal);
        }

        foreach (var (pool, options) in kept)
        {
            pool.Reconfigure(options);
        }

        foreach (var pool in leaving)
        {
            LogLeaving(pool.Definition.Name);
            pool.BeginDrain(PoolPhase.Replaced);
            _ = ForgetWhenDrainedAsync(pool);
        }

        foreach (var pool in added)
        {
            LogAdded(pool.Definition.Name, pool.Definition.Protocol);
            pool.Start();
        }
    }

    /// <summary>Acquires a lease on a connection of <paramref name="backend"/>.</summary>
    /// <exception cref="BackendException">
    /// <see cref="BackendError.BackendNotFound"/>, <see cref="BackendError.PoolExhausted"/>, <see cref="BackendError.ShuttingDown"/>, or the failure to open a connection; with
    /// <see cref="BackendException.RetryAfter"/> where it is known.
    /// </exception>
    public ValueTask<ConnectionLease> AcquireAsync(string backend, CancellationToken cancellationToken)
    {
        if (PoolActivities.AreRecorded)
        {
            return AcquireTracedAsync(backend, cancellationToken);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ConnectionLease>(cancellationToken);
        }

        var start = _clock.Now;
        var pool = Find(backend);
        var answer = pool.Acquire(start);
        if (answer.Lease is { } lease)
        {
            _metrics.Acquired(backend, TimeSpan.Zero);
            return new ValueTask<ConnectionLease>(lease);
        }

        return AwaitLeaseAsync(pool, answer, start, cancellationToken);
    }

    /// <summary>All pools, by backend name.</summary>
    public IReadOnlyList<PoolSnapshot> GetSnapshots() =>
        [.. _pools.Values.OrderBy(pool => pool.Definition.Name, StringComparer.Ordinal).Select(pool => pool.CreateSnapshot())];

    /// <summary>
    /// Stops giving leases (<see cref="BackendError.ShuttingDown"/>), waits until the last lease ends or the token fires, closes all.
    /// </summary>
    /// <remarks>A token that fires breaks the connections that are left; the method ends normally. Nothing can be started afterwards.</remarks>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        List<ConnectionPool> pools;
        lock (_lock)
        {
            _ending = true;
            pools = [.. _pools.Values, .. _replaced];
        }

        foreach (var pool in pools)
        {
            pool.BeginDrain(PoolPhase.ShuttingDown);
        }

        var drained = Task.WhenAll(pools.Select(pool => pool.Drained));
        try
        {
            await drained.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogBreaking(pools.Sum(pool => pool.CreateSnapshot().Leases));
            pools.ForEach(pool => pool.BreakAll());
            await Task.WhenAny(drained, Task.Delay(LastWait, _clock.Provider, CancellationToken.None));
            if (!drained.IsCompleted)
            {
                LogLeftBehind(LastWait.TotalSeconds);
            }
        }
    }

    /// <summary>Closes everything at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync(new CancellationToken(canceled: true));
        foreach (var pool in _pools.Values.Where(pool => pool.Drained.IsCompleted))
        {
            await pool.DisposeAsync();
        }
    }

    private ConnectionPool Find(string backend) =>
        _pools.TryGetValue(backend, out var pool) ? pool : throw new BackendException(BackendError.BackendNotFound, $"There is no backend '{backend}'.");

    private async ValueTask<ConnectionLease> AcquireTracedAsync(string backend, CancellationToken cancellationToken)
    {
        using var activity = PoolActivities.StartAcquire(backend);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = _clock.Now;
            var pool = Find(backend);
            return await AwaitLeaseAsync(pool, pool.Acquire(start), start, cancellationToken);
        }
        catch (BackendException failure)
        {
            PoolActivities.Fail(activity, failure);
            throw;
        }
    }

    private async ValueTask<ConnectionLease> AwaitLeaseAsync(
        ConnectionPool pool, Acquisition answer, TimeSpan start, CancellationToken cancellationToken)
    {
        var backend = pool.Definition.Name;
        try
        {
            while (true)
            {
                if (answer.Refusal is { } refusal)
                {
                    throw refusal.ToException();
                }

                var lease = answer.Waiter is { } waiter ? await pool.WaitAsync(waiter, cancellationToken) : answer.Lease;
                if (lease is not null)
                {
                    _metrics.Acquired(backend, _clock.Now - start);
                    return lease;
                }

                // The pool was replaced while this caller looked or waited.
                pool = Find(backend);
                answer = pool.Acquire(start);
            }
        }
        catch (BackendException failure)
        {
            _metrics.AcquireFailed(backend, _clock.Now - start, BackendErrorName.Of(failure.Error));
            throw;
        }
        catch (OperationCanceledException)
        {
            _metrics.AcquireFailed(backend, _clock.Now - start, "cancelled");
            throw;
        }
    }

    private static bool IsSame(BackendDefinition one, BackendDefinition other) =>
        string.Equals(one.Protocol, other.Protocol, StringComparison.Ordinal)
        && string.Equals(one.Identity, other.Identity, StringComparison.Ordinal);

    private async Task ForgetWhenDrainedAsync(ConnectionPool pool)
    {
        await pool.DisposeAsync();
        lock (_lock)
        {
            _replaced.Remove(pool);
        }

        LogDrained(pool.Definition.Name);
    }

    [LoggerMessage(2030, LogLevel.Information, "Backend {Backend} ({Protocol}) added.")]
    private partial void LogAdded(string backend, string protocol);

    [LoggerMessage(2031, LogLevel.Information, "Backend {Backend} changed or removed: its connections close as their leases end.")]
    private partial void LogLeaving(string backend);

    [LoggerMessage(2032, LogLevel.Information, "The last connection of the former {Backend} is closed.")]
    private partial void LogDrained(string backend);

    [LoggerMessage(2033, LogLevel.Warning, "Time is up: {Leases} leases are broken off.")]
    private partial void LogBreaking(int leases);

    [LoggerMessage(2035, LogLevel.Error, "Some connections did not close within {Seconds:0} s after they were broken; they are left behind.")]
    private partial void LogLeftBehind(double seconds);
}
