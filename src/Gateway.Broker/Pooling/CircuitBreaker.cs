using Gateway.Broker.Backends;

namespace Gateway.Broker.Pooling;

/// <summary>
/// Remembers that a backend cannot be logged in to, and when to try again. Not thread-safe: the pool's lock guards it.
/// </summary>
/// <remarks>
/// <para>Credentials and identity (login refused, host key, certificate) open it at the first failure and for long: repeating
/// those locks accounts and gets addresses banned. 30 s, 90 s, 270 s … leave 2 attempts in the first minute and 4 in the first
/// ten, below the usual limits (fail2ban: 5 in 10 minutes).</para>
/// <para>Everything else opens it after a few failures in a row, and briefly: while callers come, a server that returns is
/// found within 2 s; while none come, attempts grow rarer. A time-out counts in full at once, since it has already cost
/// seconds.</para>
/// <para>An open breaker only stops logins. Connections that live go on serving.</para>
/// </remarks>
internal sealed class CircuitBreaker(Random random)
{
    internal const int FailureLimit = 3;

    private static readonly RetrySchedule Credentials = new(TimeSpan.FromSeconds(30), 3, TimeSpan.FromMinutes(15));
    private static readonly RetrySchedule Urgent = new(TimeSpan.FromMilliseconds(500), 1.5, TimeSpan.FromSeconds(1.5));
    private static readonly RetrySchedule Unattended = new(TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(30));

    private int _failures;
    private int _credentialFailures;
    private TimeSpan _retryUrgent;
    private TimeSpan _retryUnattended;

    /// <summary>Its state.</summary>
    public CircuitState State { get; private set; }

    /// <summary>Why it is not closed.</summary>
    public BackendException? Cause { get; private set; }

    /// <summary>When the next trial may start, while it is open.</summary>
    /// <param name="urgent">Whether a caller has nothing else to be served from.</param>
    public TimeSpan GetRetryAt(bool urgent) => urgent ? _retryUrgent : _retryUnattended;

    /// <summary>The one trial begins.</summary>
    public void BeginTrial() => State = CircuitState.HalfOpen;

    /// <summary>A trial ended without a verdict.</summary>
    public void OnAborted()
    {
        if (State is CircuitState.HalfOpen)
        {
            State = CircuitState.Open;
        }
    }

    /// <summary>A connection was opened.</summary>
    public void OnSuccess()
    {
        State = CircuitState.Closed;
        Cause = null;
        _failures = 0;
        _credentialFailures = 0;
    }

    /// <summary>An attempt failed.</summary>
    public void OnFailure(BackendException cause, TimeSpan now)
    {
        if (State is CircuitState.Open)
        {
            // A login that ran beside the one that opened it: no further news.
            return;
        }

        _failures++;
        var isTrial = State is CircuitState.HalfOpen;
        if (cause.Error is BackendError.AuthenticationFailed or BackendError.HostKeyMismatch or BackendError.CertificateInvalid)
        {
            // Not reset by other failures in between: a server that is down now and then has not forgotten the wrong passwords.
            _credentialFailures++;
            var delay = Credentials.GetDelay(_credentialFailures, random);
            Open(cause, now + delay, now + delay);
        }
        else if (isTrial || _failures >= FailureLimit || cause.Error is BackendError.Timeout)
        {
            var step = Math.Max(1, _failures - FailureLimit + 1);
            Open(cause, now + Urgent.GetDelay(step, random), now + Unattended.GetDelay(step, random));
        }
    }

    private void Open(BackendException cause, TimeSpan retryUrgent, TimeSpan retryUnattended)
    {
        State = CircuitState.Open;
        Cause = cause;
        _retryUrgent = retryUrgent;
        _retryUnattended = retryUnattended;
    }
}
