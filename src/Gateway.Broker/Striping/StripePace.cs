using Gateway.Broker.Backends;

namespace Gateway.Broker.Striping;

/// <summary>
/// Decides how many connections one transfer should use. It measures what went through, and how long the transfer waited for the
/// backend; it knows how much one connection can carry at the most: its window in one round trip.
/// </summary>
/// <remarks>
/// <para>More: only while each of the connections carries most of what it can, while the transfer mostly waits for the backend (a
/// slow phone never gets a second connection: what went through must be more than buffers on the way take at once), and while what is
/// left is worth several windows for each.</para>
/// <para>Fewer: when half of them would do, twice in a row. That also ends what brings nothing, as the line, the server or the
/// gateway are at their limit: more connections would only take from others.</para>
/// <para>Near servers: no window is the limit there, but the processes of one connection are. In an upload they wait for each other so
/// often that a second connection fills the gaps; a download of one connection leaves none.</para>
/// <para>Not thread-safe: the transfer asks between two reads or writes.</para>
/// </remarks>
internal sealed class StripePace
{
    /// <summary>Below this one connection's window allows 400 MiB/s and more: the processors are the limit before it.</summary>
    internal static readonly TimeSpan ShortestRoundTrip = TimeSpan.FromMilliseconds(5);

    /// <summary>A connection's share of the rest must be so many windows: opening the file there takes some round trips, too.</summary>
    private const int LeastWindows = 4;

    /// <summary>So many windows have gone through before anything is believed: a slow caller's first megabytes fill buffers, at full speed.</summary>
    private const int ProofWindows = 4;

    /// <summary>Bytes a second on the way to a near server from which on processors, not a line or a disk, are what limits.</summary>
    private const double NearFull = 150e6;

    /// <summary>Bytes to a near server that have gone through before anything is believed, and that are worth opening the file once more.</summary>
    private const long NearWorth = 32 * 1024 * 1024;

    private const int RoundTripsPerLook = 4;
    private const int Growth = 4;

    /// <summary>Share of its most from which on a connection counts as used up; and share that fewer connections must not have to pass.</summary>
    private const double Full = 0.6;

    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly BackendConnection _connection;
    private readonly int _most;
    private readonly int _mostNear;
    private long _lookedAt;
    private long _total;
    private long _bytes;
    private long _waited;
    private int _looksAtWaste;

    /// <param name="time">The clock.</param>
    /// <param name="connection">The transfer's own.</param>
    /// <param name="most">Most connections.</param>
    /// <param name="mostNear">Most connections to a near server.</param>
    public StripePace(TimeProvider time, BackendConnection connection, int most, int mostNear)
    {
        _time = time;
        _connection = connection;
        _most = most;
        _mostNear = Math.Min(most, mostNear);
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>Whether a transfer of so many bytes could ever be worth more than one connection.</summary>
    public static bool IsWorth(BackendConnection connection, long bytes, int most, int mostNear) =>
        most > 1 && connection.RoundTrip is { } roundTrip
        && (roundTrip >= ShortestRoundTrip ? bytes / connection.BytesPerRoundTrip >= 2 * LeastWindows : mostNear > 1 && bytes >= 2 * NearWorth);

    /// <summary>Bytes went through; since <paramref name="started"/> (<see cref="TimeProvider.GetTimestamp"/>) they were waited for.</summary>
    /// <returns>Whether it is time for <see cref="Decide"/>.</returns>
    public bool Count(long bytes, long started)
    {
        var now = _time.GetTimestamp();
        _bytes += bytes;
        _total += bytes;
        _waited += now - started;
        return _time.GetElapsedTime(_lookedAt, now) >= Interval;
    }

    /// <summary>How many connections there should be.</summary>
    /// <param name="present">How many there are.</param>
    /// <param name="left">Bytes that are still to go through; null where nobody knows.</param>
    public int Decide(int present, long? left)
    {
        var now = _time.GetTimestamp();
        var elapsed = _time.GetElapsedTime(_lookedAt, now);
        var waited = _time.GetElapsedTime(0, _waited);
        var rate = _bytes / elapsed.TotalSeconds;
        (_lookedAt, _bytes, _waited) = (now, 0, 0);
        if (_connection.RoundTrip is not { } roundTrip)
        {
            return present;
        }

        if (roundTrip < ShortestRoundTrip)
        {
            return DecideNear(present, left, rate, isHeldUp: waited >= elapsed / 2);
        }

        // What one connection carries at the most.
        var most = _connection.BytesPerRoundTrip / roundTrip.TotalSeconds;
        var enough = (int)Math.Min(_most, Math.Ceiling(rate / (Full * most)));
        if (enough <= present / 2)
        {
            return GiveBack(present, enough);
        }

        _looksAtWaste = 0;
        if (_total < ProofWindows * _connection.BytesPerRoundTrip || rate < Full * most * present || waited < elapsed / 2)
        {
            return present;
        }

        var worth = (left ?? long.MaxValue) / _connection.BytesPerRoundTrip / LeastWindows;
        return (int)Math.Max(present, Math.Min(worth, Math.Min(_most, present * Growth)));
    }

    private int DecideNear(int present, long? left, double rate, bool isHeldUp)
    {
        if (present > _mostNear || rate < NearFull / 2)
        {
            return GiveBack(present, rate < NearFull / 2 ? 1 : _mostNear);
        }

        _looksAtWaste = 0;
        return isHeldUp && rate >= NearFull && _total >= NearWorth && left is not < NearWorth ? _mostNear : present;
    }

    /// <summary>One bad moment costs no connection.</summary>
    private int GiveBack(int present, int enough) => ++_looksAtWaste > 1 ? Math.Max(1, enough) : present;

    private TimeSpan Interval
    {
        get
        {
            var trips = (_connection.RoundTrip ?? TimeSpan.Zero) * RoundTripsPerLook;
            return trips > ShortestLook ? trips : ShortestLook;
        }
    }
}
