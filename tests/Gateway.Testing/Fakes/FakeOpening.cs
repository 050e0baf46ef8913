using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes;

/// <summary>An attempt that waits for the test's word. The pool's own cancellation ends it too.</summary>
public sealed class FakeOpening
{
    private readonly TaskCompletionSource<FakeConnection> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal FakeOpening(int number, CancellationToken cancellationToken)
    {
        Number = number;
        Token = cancellationToken;
        cancellationToken.Register(() => _result.TrySetCanceled(cancellationToken));
    }

    /// <summary>The attempt's number, from 1.</summary>
    public int Number { get; }

    /// <summary>The token the pool gave to the attempt.</summary>
    public CancellationToken Token { get; }

    internal Task<FakeConnection> Result => _result.Task;

    /// <summary>Ends the attempt well.</summary>
    public FakeConnection Succeed(FakeConnection? connection = null)
    {
        connection ??= new FakeConnection();
        _result.TrySetResult(connection);
        return connection;
    }

    /// <summary>Ends the attempt badly.</summary>
    public void Fail(BackendError error) => _result.TrySetException(new BackendException(error, $"Attempt {Number} failed as told."));

    /// <summary>Ends the attempt with any exception.</summary>
    public void Fail(Exception exception) => _result.TrySetException(exception);
}
