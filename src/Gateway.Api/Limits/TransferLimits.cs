using Gateway.Api.Errors;
using Gateway.Api.Configuration;

namespace Gateway.Api.Limits;

/// <summary>
/// <c>Limits:MaxTransfers</c>, <c>ConcurrentTransfers</c> and <c>BytesPerSecond</c>: how many transfers are open, in all and of each caller.
/// A caller is only remembered while it has one.
/// </summary>
internal sealed class TransferLimits
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<LimitedCaller, CallerTransfers> _callers = [];
    private readonly CurrentSettings _settings;
    private readonly TimeProvider _time;
    private readonly TransferPlace _unlimited;
    private int _open;

    /// <param name="settings">The settings in force.</param>
    /// <param name="time">The clock.</param>
    public TransferLimits(CurrentSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _unlimited = new TransferPlace(this, null);
    }

    /// <summary>Transfers that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Callers that are remembered now.</summary>
    public int Callers
    {
        get
        {
            lock (_lock)
            {
                return _callers.Count;
            }
        }
    }

    /// <summary>Takes a place.</summary>
    /// <exception cref="ProblemException">There is none: for this caller, or at all.</exception>
    public TransferPlace Enter(HttpContext context, LimitSettings limits)
    {
        if (Interlocked.Increment(ref _open) > limits.MaxTransfers)
        {
            Interlocked.Decrement(ref _open);
            throw new ProblemException(ProblemTypes.Overloaded, $"As many transfers are open as this gateway takes (Limits:MaxTransfers, {limits.MaxTransfers}).");
        }

        if (limits.ConcurrentTransfers is null && limits.BytesPerSecond is null)
        {
            return _unlimited;
        }

        var caller = LimitedCaller.Of(context);
        CallerTransfers? transfers;
        lock (_lock)
        {
            if (!_callers.TryGetValue(caller, out transfers))
            {
                _callers[caller] = transfers = new CallerTransfers(caller, _settings, _time);
            }

            if (transfers.Open < (limits.ConcurrentTransfers ?? int.MaxValue))
            {
                transfers.Open++;
                return new TransferPlace(this, transfers) { Pace = new TransferPace(transfers.Bytes, _time) };
            }
        }

        Interlocked.Decrement(ref _open);
        throw new ProblemException(
            ProblemTypes.TooManyRequests, $"More than {limits.ConcurrentTransfers} transfers of one caller at once (Limits:ConcurrentTransfers).")
        {
            RetryAfter = s_retryAfter,
        };
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(CallerTransfers? transfers)
    {
        Interlocked.Decrement(ref _open);
        if (transfers is null)
        {
            return;
        }

        lock (_lock)
        {
            if (--transfers.Open == 0)
            {
                _callers.Remove(transfers.Caller);
            }
        }
    }
}
