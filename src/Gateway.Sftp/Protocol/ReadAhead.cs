namespace Gateway.Sftp.Protocol;

/// <summary>
/// How much all downloads together have asked for and not yet passed on. Slow consumers hold what was read ahead for them, and a
/// thousand of them would hold half a gigabyte: above a bound everybody reads ahead in small pieces, until the bytes are gone.
/// </summary>
internal static class ReadAhead
{
    private const long Plenty = 32 * 1024 * 1024;

    private static long s_bytes;

    /// <summary>Whether to ask for little.</summary>
    public static bool IsTight => Volatile.Read(ref s_bytes) > Plenty;

    /// <summary>Whether transfers over several connections should not ask for more: they leave room to those with one.</summary>
    public static bool IsMostlyUsed => Volatile.Read(ref s_bytes) > Plenty * 3 / 4;

    /// <summary>A READ of so many bytes was sent.</summary>
    public static void Add(int bytes) => Interlocked.Add(ref s_bytes, bytes);

    /// <summary>Its bytes were passed on, or nobody wants them any more.</summary>
    public static void Remove(int bytes) => Interlocked.Add(ref s_bytes, -bytes);
}
