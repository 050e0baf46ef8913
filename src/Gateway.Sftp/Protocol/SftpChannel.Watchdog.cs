namespace Gateway.Sftp.Protocol;

/// <content>
/// Deadlines. One timer per channel looks at the requests in flight; a timer per request would cost an allocation for each.
/// </content>
internal sealed partial class SftpChannel
{
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);

    /// <summary>Longest time without an answer to a READ or WRITE.</summary>
    internal TimeSpan StallTimeout => _options.StallTimeout;

    /// <summary>Time since the server's last bytes.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(LastHeard);

    /// <summary>When the server's last bytes came.</summary>
    internal long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>Time since the reply to <paramref name="request"/> came.</summary>
    public TimeSpan GetAge(SftpRequest request) => _time.GetElapsedTime(request.DoneAt);

    /// <summary>Time since <paramref name="timestamp"/>, a time at which the server said something.</summary>
    internal TimeSpan GetTimeSince(long timestamp) => _time.GetElapsedTime(timestamp, LastHeard);

    private void StartWatchdog()
    {
        var shorter = _options.OperationTimeout < _options.StallTimeout ? _options.OperationTimeout : _options.StallTimeout;
        var period = TimeSpan.FromTicks(Math.Clamp(shorter.Ticks / 10, ShortestLook.Ticks, LongestLook.Ticks));
        _watchdog = _time.CreateTimer(static channel => ((SftpChannel)channel!).LookForOverdue(), this, period, period);
    }

    /// <summary>
    /// A request over its time fails alone while the server still says something; a server that has said nothing for that long is
    /// taken for dead, and the channel with it. So is one that takes that long for a single packet, however it drips: nobody else's
    /// reply comes through meanwhile.
    /// </summary>
    private void LookForOverdue()
    {
        if (Owed == 0)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var since = Volatile.Read(ref _packetSince);
        if (since != 0 && _time.GetElapsedTime(since, now) >= _options.StallTimeout)
        {
            Abort(new SftpTimeoutException(SftpPacketType.Read, _options.StallTimeout));
            return;
        }

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
