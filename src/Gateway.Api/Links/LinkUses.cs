namespace Gateway.Api.Links;

/// <summary>
/// Links for one use that were used, or are being used, until they expire. In memory: each replica of the gateway has its own, and a restart
/// forgets them.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class LinkUses(TimeProvider time)
{
    /// <summary>Most links remembered: some 10 MiB. Forgetting one would make it good again, so further ones are refused.</summary>
    public const int Capacity = 100_000;

    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _expiryById = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    /// <summary>How many are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _expiryById.Count;
            }
        }
    }

    /// <summary>Takes the one use.</summary>
    /// <param name="id">The link.</param>
    /// <param name="expires">Until when it has to be remembered: seconds since 1970.</param>
    public LinkClaim Claim(string id, long expires)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_sweptAt) >= s_sweepInterval)
            {
                Sweep();
            }

            if (_expiryById.ContainsKey(id))
            {
                return LinkClaim.Used;
            }

            if (_expiryById.Count >= Capacity)
            {
                return LinkClaim.Full;
            }

            _expiryById.Add(id, expires);
            return LinkClaim.Granted;
        }
    }

    /// <summary>Gives back a use that came to nothing.</summary>
    public void Release(string id)
    {
        lock (_lock)
        {
            _expiryById.Remove(id);
        }
    }

    private void Sweep()
    {
        _sweptAt = time.GetTimestamp();
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (id, expires) in _expiryById)
        {
            // A clock that is set back a little must not bring one back.
            if (expires + 60 < now)
            {
                _expiryById.Remove(id);
            }
        }
    }
}
