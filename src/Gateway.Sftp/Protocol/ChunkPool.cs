using System.Buffers;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// Buffers for payload that arrives before its consumer asks for it, and for large replies. Large ones are kept in a pool of their own, since
/// <see cref="ArrayPool{T}.Shared"/> rounds 255 KiB up to 256 and keeps per-core copies; what is in use is what slow consumers hold.
/// </summary>
internal static class ChunkPool
{
    private const int Small = 64 * 1024;
    private const int MaxKept = 128;

    private static readonly Lock Gate = new();
    private static readonly Stack<byte[]> Free = new(MaxKept);

    public static byte[] Rent(int length)
    {
        if (length <= Small)
        {
            return ArrayPool<byte>.Shared.Rent(length);
        }

        if (length > SftpLimits.LargestPayload)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        lock (Gate)
        {
            if (Free.TryPop(out var buffer))
            {
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(SftpLimits.LargestPayload, pinned: true);
    }

    public static void Return(byte[] buffer)
    {
        if (buffer.Length <= Small)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        else if (buffer.Length == SftpLimits.LargestPayload)
        {
            lock (Gate)
            {
                if (Free.Count < MaxKept)
                {
                    Free.Push(buffer);
                }
            }
        }
    }
}
