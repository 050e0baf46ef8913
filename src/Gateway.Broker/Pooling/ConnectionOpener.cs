using System.Diagnostics;
using Gateway.Broker.Backends;
using Microsoft.Extensions.Logging;

namespace Gateway.Broker.Pooling;

/// <summary>Opens one connection: deadline, span, metrics, and every failure as a <see cref="BackendException"/> of an opening's class.</summary>
internal sealed partial class ConnectionOpener(BackendDefinition definition, PoolClock clock, PoolMetrics metrics, ILogger logger)
{
    /// <summary>
    /// The driver keeps the same deadline and can say where it got stuck; the pool's own comes a little later, for a driver that
    /// does not.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly string _backend = definition.Name;

    /// <param name="timeout">Longest time for it.</param>
    /// <param name="caller">The span of the caller it is for.</param>
    /// <param name="stop">The pool has no more use for it.</param>
    /// <exception cref="BackendException">It failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/>.</exception>
    public async Task<BackendConnection> OpenAsync(TimeSpan timeout, ActivityContext caller, CancellationToken stop)
    {
        var start = clock.Now;
        using var activity = PoolActivities.StartOpen(definition, caller);
        try
        {
            var connection = await OpenAsync(timeout, stop);
            var took = clock.Now - start;
            metrics.Opened(_backend, took);
            LogOpened(_backend, took.TotalMilliseconds);
            return connection;
        }
        catch (BackendException failure)
        {
            PoolActivities.Fail(activity, failure);
            metrics.OpenFailed(_backend, clock.Now - start, failure.Error);
            LogFailed(_backend, failure.Error, failure.Message, LogText.Neutralise(failure.Diagnostic));
            throw;
        }
    }

    private async Task<BackendConnection> OpenAsync(TimeSpan timeout, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(timeout + Grace, clock.Provider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        try
        {
            return await definition.Connector.OpenAsync(either.Token);
        }
        catch (BackendException failure)
        {
            throw AsOpeningFailure(failure);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            stop.ThrowIfCancellationRequested();
            throw;
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested)
        {
            throw new BackendException(
                BackendError.Timeout,
                $"The server of '{_backend}' did not complete the login within {timeout.TotalSeconds:0.#} s (Pool:ConnectTimeout).",
                late);
        }
        catch (Exception unexpected)
        {
            LogUnexpected(unexpected, _backend);
            throw new BackendException(
                BackendError.ProtocolError, $"Connecting to '{_backend}' failed in an unexpected way; the gateway's log has the details.", unexpected);
        }
    }

    /// <summary>
    /// Callers asked for a file, not for a login: a missing root folder must not reach them as a missing file, nor a
    /// connection lost half-way through the login as one that is worth an immediate repetition.
    /// </summary>
    private static BackendException AsOpeningFailure(BackendException failure)
    {
        var error = failure.Error switch
        {
            BackendError.Unreachable or BackendError.Timeout or BackendError.AuthenticationFailed or BackendError.HostKeyMismatch
                or BackendError.CertificateInvalid or BackendError.ProtocolError => failure.Error,
            BackendError.ConnectionLost => BackendError.Unreachable,
            _ => BackendError.ProtocolError,
        };
        return error == failure.Error
            ? failure
            : new BackendException(error, failure.Message, failure) { Diagnostic = failure.Diagnostic };
    }

    [LoggerMessage(2000, LogLevel.Debug, "Connection to {Backend} opened in {Milliseconds:0} ms.")]
    private partial void LogOpened(string backend, double milliseconds);

    [LoggerMessage(2001, LogLevel.Warning, "Connecting to {Backend} failed with {Error}: {Detail} The other side said: {Diagnostic}")]
    private partial void LogFailed(string backend, BackendError error, string detail, string diagnostic);

    [LoggerMessage(2002, LogLevel.Error, "Connecting to {Backend} threw what no driver should throw.")]
    private partial void LogUnexpected(Exception exception, string backend);
}
