namespace Gateway.Sftp.Protocol;

/// <content>
/// Deadlines. One timer per channel looks at the requests in flight; a timer per request would cost an allocation for each.
/// </content>
internal sealed partial class SftpChannel
{
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);

    /// <summary>Time since the server's last bytes.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(LastHeard);

    /// <summary>When the server's last bytes came.</summary>
    internal long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>Time since the reply to <paramref name="request"/> came.</summary>
    public TimeSpan GetAge(SftpRequest request) => _time.GetElapsedTime(request.DoneAt);

    private void StartWatchdog()
    {
        var shorter = _options.OperationTimeout < _options.StallTimeout ? _options.OperationTimeout : _options.StallTimeout;
        var period = TimeSpan.FromTicks(Math.Clamp(shorter.Ticks / 10, ShortestLook.Ticks, LongestLook.Ticks));
        _watchdog = _time.CreateTimer(static channel => ((SftpChannel)channel!).LookForOverdue(), this, period, period);
    }

    /// <summary>
    /// A request over its time fails alone while the server still says something; a server that has said nothing for that long is
    /// taken for dead, and the channel with it.
    /// </summary>
    private void LookForOverdue()
    {
        if (Owed == 0)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var silent = _time.GetElapsedTime(Volatile.Read(ref _lastHeard), now);
        SftpTimeoutException? dead = null;
        lock (_gate)
        {
            for (var slot = 0; slot < _requestsMade; slot++)
            {
                var request = _requests[slot]!;
                var limit = LimitOf(request.Type);
                if (!request.IsOwed || _time.GetElapsedTime(request.StartedAt, now) < limit)
                {
                    continue;
                }

                if (silent >= limit)
                {
                    dead = new SftpTimeoutException(request.Type, limit);
                    break;
                }

                // Under the lock, so that the slot is not used again meanwhile; the waiting caller continues elsewhere.
                request.Cancel(new SftpTimeoutException(request.Type, limit));
            }
        }

        if (dead is not null)
        {
            Abort(dead);
        }
    }

    private TimeSpan LimitOf(SftpPacketType type) =>
        type is SftpPacketType.Read or SftpPacketType.Write ? _options.StallTimeout : _options.OperationTimeout;
}
