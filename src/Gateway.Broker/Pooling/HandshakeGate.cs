namespace Gateway.Broker.Pooling;

/// <summary>
/// How many logins may run at once on one backend, and how soon after a failure the next may start. Not thread-safe: the
/// pool's lock guards it.
/// </summary>
/// <remarks>
/// sshd drops unauthenticated connections at random above <c>MaxStartups</c>, so there is a ceiling. And logins run side by
/// side only while the last one is known to have worked, and lately: a password that was wrong from the start, or was
/// changed meanwhile, costs one attempt and not three, however many callers come at once.
/// </remarks>
internal sealed class HandshakeGate(int maxConcurrent, Random random)
{
    /// <summary>How long one success vouches for further logins side by side.</summary>
    internal static readonly TimeSpan Trust = TimeSpan.FromMinutes(1);

    /// <summary>Losses further apart than this are not one trouble.</summary>
    private static readonly TimeSpan LossMemory = TimeSpan.FromMinutes(1);

    private static readonly RetrySchedule Urgent = new(TimeSpan.FromMilliseconds(100), 2, TimeSpan.FromSeconds(1.5));
    private static readonly RetrySchedule Unattended = new(TimeSpan.FromMilliseconds(200), 2, TimeSpan.FromSeconds(30));

    private int _failures;
    private int _earlyLosses;
    private bool _hasSucceededSinceLoss;
    private TimeSpan _lastEarlyLoss;
    private TimeSpan? _trustedUntil;
    private TimeSpan _notBeforeUrgent;
    private TimeSpan _notBeforeUnattended;

    /// <summary>Logins under way.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Most logins at once.</summary>
    public int MaxConcurrent { get; set; } = maxConcurrent;

    /// <summary>When the next login may start.</summary>
    /// <param name="urgent">Whether a caller has nothing else to be served from.</param>
    public TimeSpan GetNotBefore(bool urgent) => urgent ? _notBeforeUrgent : _notBeforeUnattended;

    /// <summary>How many more logins may start now, back-off apart.</summary>
    public int GetRoom(TimeSpan now)
    {
        var limit = _trustedUntil >= now ? Math.Max(1, MaxConcurrent) : 1;
        return Math.Max(0, limit - UnderWay);
    }

    /// <summary>A login starts.</summary>
    public void Enter() => UnderWay++;

    /// <summary>A login ended without a verdict: the pool itself gave it up.</summary>
    public void LeaveAborted() => UnderWay--;

    /// <summary>A login succeeded.</summary>
    public void LeaveSucceeded(TimeSpan now)
    {
        UnderWay--;
        _failures = 0;
        _hasSucceededSinceLoss = true;
        _trustedUntil = now + Trust;
        if (now - _lastEarlyLoss > LossMemory)
        {
            _earlyLosses = 0;
        }
    }

    /// <summary>A login failed.</summary>
    public void LeaveFailed(TimeSpan now)
    {
        UnderWay--;
        _failures++;
        BackOff(now, _failures);
    }

    /// <summary>
    /// A fresh connection died. Once may be chance, and many at a time are one event; but a server that lets us in and hangs up
    /// again and again must not be asked in a tight loop, although every login works.
    /// </summary>
    public void OnEarlyLoss(TimeSpan now)
    {
        if (!_hasSucceededSinceLoss)
        {
            return;
        }

        _hasSucceededSinceLoss = false;
        _lastEarlyLoss = now;
        if (++_earlyLosses > 1)
        {
            BackOff(now, _earlyLosses - 1);
        }
    }

    private void BackOff(TimeSpan now, int failures)
    {
        _trustedUntil = null;
        _notBeforeUrgent = now + Urgent.GetDelay(failures, random);
        _notBeforeUnattended = now + Unattended.GetDelay(failures, random);
    }
}
