using System.Runtime.CompilerServices;
using Gateway.Broker.Async;
using Gateway.Broker.Backends;
using Gateway.Broker.Gathering;
using Gateway.Broker.Striping;
using Microsoft.Extensions.Logging;

namespace Gateway.Broker.Pooling;

/// <content>Operations on leases, and what happens to them when a warm connection turns out dead.</content>
/// <remarks>
/// An operation runs twice at the most: a request that kills the server's process must not take the whole pool with it. The
/// repetition therefore gets a connection that has proved to be alive since the failure, since what took one connection (a
/// restart, a firewall's memory) often took the others without a sign.
/// </remarks>
public sealed partial class ConnectionBroker
{
    /// <summary>A connection that was heard this lately is believed to be alive.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs an operation that is safe to repeat on a lease of its own. Where a warm connection turns out dead
    /// (<see cref="BackendException.IsConnectionFailure"/>), it is run once more on another.
    /// </summary>
    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    public async ValueTask<T> RunAsync<T>(
        string backend, Func<BackendConnection, CancellationToken, ValueTask<T>> operation, CancellationToken cancellationToken)
    {
        var lease = await AcquireAsync(backend, cancellationToken);
        using var watch = WatchFirstWord(backend, lease);
        try
        {
            return await operation(lease.Connection, cancellationToken);
        }
        catch (BackendException failure) when (IsWorthRepeating(lease, watch, failure, cancellationToken))
        {
            Abandon(backend, lease, failure);
        }
        finally
        {
            await lease.DisposeAsync();
        }

        await using var second = await AcquireAliveAsync(backend, since: _clock.Now, cancellationToken);
        return await operation(second.Connection, cancellationToken);
    }

    /// <summary>
    /// The same for an operation that opens something which outlives it (a read or write stream): the lease stays with the
    /// result, and disposing the result disposes first the stream, then the lease.
    /// </summary>
    public ValueTask<Leased<T>> OpenAsync<T>(
        string backend, Func<BackendConnection, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
        where T : class, IAsyncDisposable => OpenAsync(backend, open, static (connection, open, token) => open(connection, token), cancellationToken);

    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    private async ValueTask<Leased<T>> OpenAsync<T, TArgument>(
        string backend, TArgument argument, Func<BackendConnection, TArgument, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
        where T : class, IAsyncDisposable
    {
        var lease = await AcquireAsync(backend, cancellationToken);
        using var watch = WatchFirstWord(backend, lease);
        try
        {
            return new Leased<T>(await open(lease.Connection, argument, cancellationToken), lease);
        }
        catch (BackendException failure) when (IsWorthRepeating(lease, watch, failure, cancellationToken))
        {
            await lease.DisposeAsync();
            Abandon(backend, lease, failure);
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }

        var second = await AcquireAliveAsync(backend, since: _clock.Now, cancellationToken);
        try
        {
            return new Leased<T>(await open(second.Connection, argument, cancellationToken), second);
        }
        catch
        {
            await second.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Opens a file for reading, with a lease of its own; a large one on a distant server takes further leases for as long as these bring
    /// something and nobody else needs them (<see cref="BackendDefinition.ConnectionsPerTransfer"/>), one on a near server may move to a
    /// connection that many share (<see cref="BackendDefinition.GatheredConnections"/>).
    /// </summary>
    /// <exception cref="BackendException">It cannot be opened.</exception>
    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    public async ValueTask<Leased<RemoteReadStream>> OpenReadAsync(string backend, RemotePath path, CancellationToken cancellationToken) =>
        Spread(
            await OpenAsync(backend, path, static (connection, path, token) => connection.OpenReadAsync(path, token), cancellationToken), path);

    /// <summary>
    /// Begins an upload, with a lease of its own; as <see cref="OpenReadAsync"/>, a large one to a distant server takes further leases.
    /// </summary>
    /// <param name="backend">The backend's name.</param>
    /// <param name="open">Begins it.</param>
    /// <param name="length">Its length in bytes, where that is known.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="BackendException">It cannot be begun.</exception>
    public async ValueTask<Leased<RemoteWriteStream>> OpenWriteAsync(
        string backend, Func<BackendConnection, CancellationToken, ValueTask<RemoteWriteStream>> open, long? length, CancellationToken cancellationToken) =>
        StripedWriteStream.Over(await OpenAsync(backend, open, cancellationToken), length, _clock.Provider);

    /// <summary>
    /// Acquires a lease for an operation that must not be repeated (a removal, a rename): a connection that has been silent for a
    /// while is probed first, and replaced where it does not answer.
    /// </summary>
    /// <exception cref="BackendException">As <see cref="AcquireAsync"/>.</exception>
    public ValueTask<ConnectionLease> AcquireAliveAsync(string backend, CancellationToken cancellationToken) =>
        AcquireAliveAsync(backend, since: _clock.Now - Trust, cancellationToken);

    /// <param name="backend">The backend's name.</param>
    /// <param name="since">When the connection's last sign of life must have come, at the earliest.</param>
    /// <param name="cancellationToken">The caller's.</param>
    private async ValueTask<ConnectionLease> AcquireAliveAsync(string backend, TimeSpan since, CancellationToken cancellationToken)
    {
        // Every turn but the last takes a warm connection out of the pool.
        while (true)
        {
            var lease = await AcquireAsync(backend, cancellationToken);
            if (!lease.IsWarm || _clock.Now - lease.Connection.Silence >= since || await IsAliveAsync(backend, lease, cancellationToken))
            {
                return lease;
            }

            await lease.DisposeAsync();
        }
    }

    private async ValueTask<bool> IsAliveAsync(string backend, ConnectionLease lease, CancellationToken cancellationToken)
    {
        try
        {
            if (await ConnectionProbe.RunAsync(backend, lease.Connection, _clock.Provider, cancellationToken) is not { } failure)
            {
                return true;
            }

            lease.Connection.Break(failure);
            return false;
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }
    }

    private Leased<RemoteReadStream> Spread(Leased<RemoteReadStream> opened, RemotePath path)
    {
        var time = _clock.Provider;
        return opened.Lease.Pooled.Connection.RoundTrip < StripePace.ShortestRoundTrip
            ? GatheredReadStream.Over(opened, path, time)
            : StripedReadStream.Over(opened, path, time);
    }

    private FirstWordWatch? WatchFirstWord(string backend, ConnectionLease lease) =>
        lease.IsWarm && lease.Connection.Silence >= Trust ? new FirstWordWatch(backend, lease.Connection, _clock.Provider) : null;

    /// <summary>A deadline passed in complete silence, after a silence, is as good as a lost connection.</summary>
    private static bool IsWorthRepeating(
        ConnectionLease lease, FirstWordWatch? watch, BackendException failure, CancellationToken cancellationToken) =>
        (failure.IsConnectionFailure || (failure.Error is BackendError.Timeout && watch is { HeardNothing: true }))
        && lease.IsWarm
        && !cancellationToken.IsCancellationRequested;

    /// <summary>Makes sure that the connection that failed is not the one that the repetition gets.</summary>
    private void Abandon(string backend, ConnectionLease lease, BackendException failure)
    {
        lease.Pooled.Connection.Break(failure);
        _metrics.Retried(backend);
        LogRepeating(backend, lease.Pooled.Number, failure.Message);
    }

    [LoggerMessage(2034, LogLevel.Information, "Warm connection {Number} to {Backend} was dead ({Detail}); the operation is repeated on another.")]
    private partial void LogRepeating(string backend, long number, string detail);
}
