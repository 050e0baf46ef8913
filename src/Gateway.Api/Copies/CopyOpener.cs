using System.Collections.Concurrent;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Copies;

/// <summary>
/// Opens both ends of a copy. Within a backend whose connections are shareable one connection does for both. Else a copy needs two, and
/// copies that hold one and wait for another could wait for each other: between backends the leases are acquired in the order of the
/// backends' names, and within a backend by one copy at a time. No wait is longer than <c>Pool:AcquireTimeout</c>.
/// </summary>
internal sealed class CopyOpener(ConnectionBroker broker, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>Opens the file, and the temporary file of the copy.</summary>
    /// <exception cref="BackendException">Either cannot be opened.</exception>
    public async ValueTask<CopyStreams> OpenAsync(FileCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            return await AcquireAndOpenAsync(copy, cancellationToken);
        }
        catch (BackendException exception) when (exception.IsConnectionFailure && !cancellationToken.IsCancellationRequested)
        {
            // A warm connection that turned out dead: nothing was changed yet.
            return await AcquireAndOpenAsync(copy, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    private ValueTask<CopyStreams> AcquireAndOpenAsync(FileCopy copy, CancellationToken cancellationToken)
    {
        if (!copy.IsWithinBackend)
        {
            return OpenBetweenAsync(copy, cancellationToken);
        }

        return copy.Source.Definition.Connector.IsShareable ? OpenOnOneAsync(copy, cancellationToken) : OpenOnTwoAsync(copy, cancellationToken);
    }

    private async ValueTask<CopyStreams> OpenOnOneAsync(FileCopy copy, CancellationToken cancellationToken)
    {
        var lease = await broker.AcquireAliveAsync(copy.Source.Name, cancellationToken);
        return await OpenAsync(copy, lease, lease, cancellationToken);
    }

    private async ValueTask<CopyStreams> OpenBetweenAsync(FileCopy copy, CancellationToken cancellationToken)
    {
        var isSourceFirst = string.CompareOrdinal(copy.Source.Name, copy.Target.Name) < 0;
        var (first, second) = isSourceFirst ? (copy.Source, copy.Target) : (copy.Target, copy.Source);
        var (one, other) = await AcquireBothAsync(first, second, cancellationToken);
        return await OpenAsync(copy, isSourceFirst ? one : other, isSourceFirst ? other : one, cancellationToken);
    }

    private async ValueTask<CopyStreams> OpenOnTwoAsync(FileCopy copy, CancellationToken cancellationToken)
    {
        var pool = copy.Source.Definition.Pool;
        if (pool.MaxConnections < 2)
        {
            throw new BackendException(
                BackendError.NotSupported, $"A copy within the backend '{copy.Source.Name}' takes two connections, and it may have only one (Pool:MaxConnections).");
        }

        var turn = _turns.GetOrAdd(copy.Source.Name, static _ => new SemaphoreSlim(1));
        using (var patience = new CancellationTokenSource(pool.AcquireTimeout, time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken))
        {
            try
            {
                await turn.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new BackendException(
                    BackendError.PoolExhausted,
                    $"Other copies wait for connections of the backend '{copy.Source.Name}', too; raise Pool:MaxConnections if it stays so.") { RetryAfter = pool.AcquireTimeout };
            }
        }

        ConnectionLease one, other;
        try
        {
            (one, other) = await AcquireBothAsync(copy.Source, copy.Target, cancellationToken);
        }
        finally
        {
            turn.Release();
        }

        return await OpenAsync(copy, one, other, cancellationToken);
    }

    private async ValueTask<(ConnectionLease First, ConnectionLease Second)> AcquireBothAsync(
        ConfiguredBackend first, ConfiguredBackend second, CancellationToken cancellationToken)
    {
        var one = await broker.AcquireAliveAsync(first.Name, cancellationToken);
        try
        {
            return (one, await broker.AcquireAliveAsync(second.Name, cancellationToken));
        }
        catch
        {
            await one.DisposeAsync();
            throw;
        }
    }

    /// <summary>Owns the leases from here on.</summary>
    private static async ValueTask<CopyStreams> OpenAsync(FileCopy copy, ConnectionLease reading, ConnectionLease writing, CancellationToken cancellationToken)
    {
        RemoteReadStream? source = null;
        try
        {
            source = await reading.Connection.OpenReadAsync(copy.From, cancellationToken);
            Require(copy, source.Entry);
            return new CopyStreams(source, await OpenTargetAsync(copy, source.Entry, writing.Connection, cancellationToken), reading, writing);
        }
        catch
        {
            if (source is not null)
            {
                await source.DisposeAsync();
            }

            await reading.DisposeAsync();
            await writing.DisposeAsync();
            throw;
        }
    }

    private static void Require(FileCopy copy, in RemoteEntry entry)
    {
        copy.Require(entry);
        if (entry.Size > copy.Target.MaxUploadBytes)
        {
            throw new ProblemException(
                ProblemTypes.ContentTooLarge,
                $"The file has {entry.Size} bytes, and the backend '{copy.Target.Name}' takes files of at most {copy.Target.MaxUploadBytes} (Transfers:MaxUploadBytes).");
        }
    }

    private static async ValueTask<RemoteWriteStream> OpenTargetAsync(
        FileCopy copy, RemoteEntry entry, BackendConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.OpenWriteAsync(copy.To, copy.OptionsFor(entry), cancellationToken);
        }
        catch (BackendException exception)
        {
            throw CopyFailure.OfTarget(copy, exception);
        }
    }
}
