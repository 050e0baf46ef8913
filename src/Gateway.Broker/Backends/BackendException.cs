namespace Gateway.Broker.Backends;

/// <summary>
/// A failure of a backend operation. <see cref="Exception.Message"/> is shown to API callers and operators: a sentence
/// that says what happened and what to change, free of secrets, of local paths to secrets, and of raw text from the server.
/// </summary>
public sealed class BackendException : Exception
{
    /// <param name="error">The class of failure.</param>
    /// <param name="message">A sentence safe to show to any caller.</param>
    /// <param name="innerException">The cause, for logs only.</param>
    public BackendException(BackendError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>The class of failure.</summary>
    public BackendError Error { get; }

    /// <summary>The path it concerns, if it concerns one.</summary>
    public RemotePath? Path { get; init; }

    /// <summary>What the server or ssh said, word for word. Untrusted text: for logs (escaped), never for callers.</summary>
    public string? Diagnostic { get; init; }

    /// <summary>How long to wait before trying again makes sense, where that is known (breaker, exhausted pool).</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// True when the connection itself failed under the operation, so that the same operation may succeed on another.
    /// </summary>
    public bool IsConnectionFailure => Error is BackendError.ConnectionLost;

    /// <summary>A copy for another waiter: exceptions are not shared between callers, their stack traces would mix.</summary>
    public BackendException Copy() =>
        new(Error, Message, InnerException) { Path = Path, Diagnostic = Diagnostic, RetryAfter = RetryAfter };
}
