using System.Buffers;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// Buffers for payload that arrives before its consumer asks for it, and for large replies. What is in use is what slow consumers hold:
/// many at once, for long, which <see cref="ArrayPool{T}.Shared"/> is not made for; it would drop them, and round 255 KiB up to 256.
/// </summary>
internal static class ChunkPool
{
    /// <summary>Most bytes of nearly every reply that is no payload.</summary>
    private const int Reply = 256;

    /// <summary>Up to this many bytes the shared pool serves.</summary>
    private const int Small = 16 * 1024;

    private static readonly Shelf Replies = new(Reply, kept: 1024);
    private static readonly Shelf Pieces = new(SftpFileReader.SmallRead, kept: 1024);
    private static readonly Shelf Chunks = new(SftpLimits.LargestPayload, kept: 128);

    public static byte[] Rent(int length) => length switch
    {
        <= Reply => Replies.Rent(),
        <= Small => ArrayPool<byte>.Shared.Rent(length),
        <= SftpFileReader.SmallRead => Pieces.Rent(),
        <= SftpLimits.LargestPayload => Chunks.Rent(),
        _ => GC.AllocateUninitializedArray<byte>(length),
    };

    public static void Return(byte[] buffer)
    {
        switch (buffer.Length)
        {
            case Reply:
                Replies.Return(buffer);
                break;
            case <= Small:
                ArrayPool<byte>.Shared.Return(buffer);
                break;
            case SftpFileReader.SmallRead:
                Pieces.Return(buffer);
                break;
            case SftpLimits.LargestPayload:
                Chunks.Return(buffer);
                break;
        }
    }

    /// <summary>Free buffers of one size.</summary>
    private sealed class Shelf(int length, int kept)
    {
        private readonly Lock _gate = new();
        private readonly Stack<byte[]> _free = new(kept);

        public byte[] Rent()
        {
            lock (_gate)
            {
                if (_free.TryPop(out var buffer))
                {
                    return buffer;
                }
            }

            return GC.AllocateUninitializedArray<byte>(length, pinned: true);
        }

        public void Return(byte[] buffer)
        {
            lock (_gate)
            {
                if (_free.Count < kept)
                {
                    _free.Push(buffer);
                }
            }
        }
    }
}
