using System.Globalization;
using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>Why a caller gets no lease; becomes an exception of its own outside the lock.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Options">The settings that the message names.</param>
/// <param name="Cause">The last failure to open a connection, where it matters.</param>
/// <param name="RetryAfter">Until the next attempt, where that is known.</param>
internal readonly record struct PoolRefusal(
    PoolRefusalKind Kind, string Backend, PoolOptions Options, BackendException? Cause = null, TimeSpan? RetryAfter = null)
{
    /// <summary>A guess: leases of an overloaded pool end all the time, and every caller that comes back too soon makes it worse.</summary>
    private static readonly TimeSpan ExhaustedRetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>A fresh instance, process or pod needs about this long to take over.</summary>
    private static readonly TimeSpan ShutdownRetryAfter = TimeSpan.FromSeconds(5);

    public BackendException ToException() => Kind switch
    {
        PoolRefusalKind.ShuttingDown => new BackendException(
            BackendError.ShuttingDown, "The gateway is shutting down and starts nothing new.") { RetryAfter = ShutdownRetryAfter },

        PoolRefusalKind.LineFull => new BackendException(
            BackendError.PoolExhausted,
            $"{Options.MaxWaiting} callers are waiting for a connection to '{Backend}' already. "
            + $"Raise Pool:MaxConnections ({Options.MaxConnections}) if the server allows more, or Pool:MaxWaiting ({Options.MaxWaiting})."
            + WhyNoMore())
        { RetryAfter = ExhaustedRetryAfter },

        PoolRefusalKind.WaitedTooLong => new BackendException(
            BackendError.PoolExhausted,
            $"No connection to '{Backend}' became free within {Seconds(Options.AcquireTimeout)} s. "
            + $"Raise Pool:MaxConnections ({Options.MaxConnections}) if the server allows more, or Pool:AcquireTimeout "
            + $"({Seconds(Options.AcquireTimeout)} s)." + WhyNoMore())
        { RetryAfter = ExhaustedRetryAfter },

        PoolRefusalKind.NotOpened when Cause is null => new BackendException(
            BackendError.Timeout,
            $"No connection to '{Backend}' could be opened within {Seconds(Options.AcquireTimeout)} s (Pool:AcquireTimeout), and the "
            + "attempt is still under way. Check that the server answers on the configured host and port.")
        { RetryAfter = ExhaustedRetryAfter },

        _ => FromCause(),
    };

    private BackendException FromCause()
    {
        var cause = Cause!;
        var next = RetryAfter is { } wait ? $" The next attempt is in {Seconds(wait)} s." : "";
        return new BackendException(cause.Error, cause.Message + next, cause) { Diagnostic = cause.Diagnostic, RetryAfter = RetryAfter };
    }

    private string WhyNoMore() => Cause is null ? "" : $" The last attempt to open another failed: {Cause.Message}";

    private static string Seconds(TimeSpan time) =>
        time.TotalSeconds.ToString(time < TimeSpan.FromSeconds(10) ? "0.#" : "0", CultureInfo.InvariantCulture);
}
