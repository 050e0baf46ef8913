using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>Asks a connection whether its server is still there.</summary>
internal static class ConnectionProbe
{
    /// <summary>Longest wait for a sign of life. The server has nothing else to do for this connection, so that this is a round trip.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <returns>Null where the server lives; else why the connection is to be dropped.</returns>
    /// <exception cref="OperationCanceledException">The caller's token, and nothing else.</exception>
    public static async ValueTask<BackendException?> RunAsync(
        string backend, BackendConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await connection.ProbeAsync(either.Token).AsTask().WaitAsync(either.Token);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (BackendException answered) when (!connection.IsBroken && IsAnswer(answered.Error))
        {
            // The server refused the question, and so it lives.
            return null;
        }
        catch (OperationCanceledException) when (connection.Silence < Timeout && !connection.IsBroken)
        {
            // The answer is late because a transfer that shares the connection goes first.
            return null;
        }
        catch (Exception silent)
        {
            return new BackendException(
                BackendError.ConnectionLost, $"A connection to '{backend}' did not answer a probe and was dropped.", silent);
        }
    }

    private static bool IsAnswer(BackendError error) =>
        error is BackendError.NotFound or BackendError.PermissionDenied or BackendError.NotADirectory or BackendError.NotSupported;
}
