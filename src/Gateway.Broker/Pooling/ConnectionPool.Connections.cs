using System.Diagnostics;
using Gateway.Broker.Backends;
using Microsoft.Extensions.Logging;

namespace Gateway.Broker.Pooling;

/// <summary>The life of a connection: opened, watched, probed, closed. Each step ends with a word to the ledger.</summary>
internal sealed partial class ConnectionPool
{
    private async Task OpenAsync(ActivityContext caller)
    {
        PooledConnection? pooled = null;
        var work = default(PoolWork);
        var startedAt = _clock.Now;
        try
        {
            var connection = await _opener.OpenAsync(_ledger.Options.ConnectTimeout, caller, _stop.Token);
            CircuitState before;
            lock (_lock)
            {
                before = _ledger.Circuit;
                pooled = _ledger.Opened(connection, startedAt, _clock.Now, ref work);
                Settle(ref work);
            }

            if (before is not CircuitState.Closed)
            {
                LogCircuitClosed(Backend);
            }
        }
        catch (BackendException failure)
        {
            CircuitState before;
            CircuitState after;
            lock (_lock)
            {
                before = _ledger.Circuit;
                _ledger.OpenFailed(failure, _clock.Now, _clock.UtcNow, ref work);
                after = _ledger.Circuit;
                Settle(ref work);
            }

            if (before is CircuitState.Closed && after is not CircuitState.Closed)
            {
                LogCircuitOpened(Backend, failure.Error, failure.Message);
            }
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                _ledger.OpenAborted(ref work);
                Settle(ref work);
            }
        }

        Carry(ref work);
        if (pooled is not null)
        {
            _ = WatchAsync(pooled);
        }
    }

    /// <summary>Evicts the connection the moment it breaks, used or not.</summary>
    private async Task WatchAsync(PooledConnection pooled)
    {
        var reason = await pooled.Connection.Broken;
        var work = default(PoolWork);
        bool evicted;
        lock (_lock)
        {
            evicted = _ledger.Lost(pooled, reason, _clock.Now, _clock.UtcNow, ref work);
            Settle(ref work);
        }

        if (evicted)
        {
            LogLost(Backend, pooled.Number, reason.Error, reason.Message, LogText.Neutralise(reason.Diagnostic));
        }

        Carry(ref work);
    }

    private async Task ProbeAsync(PooledConnection pooled)
    {
        var failure = await ConnectionProbe.RunAsync(Backend, pooled.Connection, _clock.Provider, CancellationToken.None);
        var work = default(PoolWork);
        var evicted = false;
        lock (_lock)
        {
            if (failure is null)
            {
                _ledger.ProbeSucceeded(pooled, _clock.Now, ref work);
            }
            else
            {
                evicted = _ledger.ProbeFailed(pooled, failure, _clock.Now, _clock.UtcNow, ref work);
            }

            Settle(ref work);
        }

        if (evicted)
        {
            LogProbeFailed(Backend, pooled.Number);
            pooled.Connection.Break(failure!);
        }

        Carry(ref work);
    }

    private async Task CloseAsync(PooledConnection pooled)
    {
        try
        {
            await pooled.Connection.DisposeAsync().AsTask().WaitAsync(CloseTimeout, _clock.Provider);
        }
        catch (TimeoutException)
        {
            LogCloseLate(Backend, pooled.Number, CloseTimeout.TotalSeconds);
            pooled.Connection.Break(new BackendException(BackendError.ConnectionLost, "The connection did not close in time."));
        }
        catch (Exception exception)
        {
            LogCloseFailed(exception, Backend, pooled.Number);
        }

        LogClosed(Backend, pooled.Number, pooled.EvictedFor);
        _metrics.Closed(Backend, _clock.Now - pooled.OpenedAt, pooled.EvictedFor);
        var work = default(PoolWork);
        lock (_lock)
        {
            _ledger.Closed(_clock.Now, ref work);
            Settle(ref work);
        }

        Carry(ref work);
    }

    [LoggerMessage(2010, LogLevel.Warning, "Connection {Number} to {Backend} was lost with {Error}: {Detail} The other side said: {Diagnostic}")]
    private partial void LogLost(string backend, long number, BackendError error, string detail, string diagnostic);

    [LoggerMessage(2011, LogLevel.Warning, "Connection {Number} to {Backend} did not answer a probe and is dropped.")]
    private partial void LogProbeFailed(string backend, long number);

    [LoggerMessage(2012, LogLevel.Debug, "Connection {Number} to {Backend} closed: {Reason}.")]
    private partial void LogClosed(string backend, long number, EvictionReason reason);

    [LoggerMessage(2013, LogLevel.Warning, "Connection {Number} to {Backend} did not close within {Seconds:0} s; its place is given away.")]
    private partial void LogCloseLate(string backend, long number, double seconds);

    [LoggerMessage(2014, LogLevel.Warning, "Closing connection {Number} to {Backend} failed.")]
    private partial void LogCloseFailed(Exception exception, string backend, long number);

    [LoggerMessage(2020, LogLevel.Error, "{Backend} is not logged in to for a while: {Error}: {Detail}")]
    private partial void LogCircuitOpened(string backend, BackendError error, string detail);

    [LoggerMessage(2021, LogLevel.Information, "{Backend} can be logged in to again.")]
    private partial void LogCircuitClosed(string backend);
}
