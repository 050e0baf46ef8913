using Gateway.Broker.Backends;

namespace Gateway.Api.Errors;

/// <summary>A request that ends with a problem which the gateway itself found.</summary>
/// <param name="type">Its type.</param>
/// <param name="detail">A sentence for the caller.</param>
internal sealed class ProblemException(ProblemType type, string detail) : Exception(detail)
{
    /// <summary>The type.</summary>
    public ProblemType Type { get; } = type;

    /// <summary>The path it concerns, where it is another than the request's.</summary>
    public RemotePath? Path { get; init; }

    /// <summary>The value of <c>WWW-Authenticate</c>; null for none.</summary>
    public string? Challenge { get; init; }

    /// <summary>When another try makes sense; null where the type has no such time, or the usual one.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The size of the file whose range was asked for; for <c>Content-Range</c>.</summary>
    public long? UnsatisfiedLength { get; init; }
}
