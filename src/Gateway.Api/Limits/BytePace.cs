using Gateway.Api.Configuration;

namespace Gateway.Api.Limits;

/// <summary>
/// <c>Limits:BytesPerSecond</c> of one caller, shared by its transfers in the order in which they ask. It looks ahead instead of counting back:
/// what was taken pushes the moment of the next byte into the future.
/// </summary>
internal sealed class BytePace(CurrentSettings settings, TimeProvider time)
{
    /// <summary>What may go at once after a silence, and what one piece is: an eighth of a second. Long enough for a timer, too short to be felt.</summary>
    private const int PiecesPerSecond = 8;

    private const int LeastPiece = 4 * 1024;
    private const int LargestPiece = 1024 * 1024;

    private readonly Lock _lock = new();
    private long _next = long.MinValue;

    /// <summary>The most that one step of a transfer should move, in bytes.</summary>
    public int Piece => settings.Value.Limits.BytesPerSecond is { } rate ? (int)Math.Clamp(rate / PiecesPerSecond, LeastPiece, LargestPiece) : int.MaxValue;

    /// <summary>Takes note of bytes that went through.</summary>
    /// <returns>How long to wait before the next ones.</returns>
    public TimeSpan Take(long bytes)
    {
        if (settings.Value.Limits.BytesPerSecond is not { } rate)
        {
            return TimeSpan.Zero;
        }

        var (now, second) = (time.GetTimestamp(), time.TimestampFrequency);
        lock (_lock)
        {
            _next = Math.Max(_next, now - (second / PiecesPerSecond)) + (long)(bytes * (double)second / rate);
            return _next > now ? time.GetElapsedTime(now, _next) : TimeSpan.Zero;
        }
    }
}
