using System.Buffers.Binary;
using Gateway.Api.Streaming;

namespace Gateway.Api.Directories.Zip;

/// <summary>
/// Lays a file into an archive: as deflate blocks that are not compressed (RFC 1951 section 3.2.4), each with five bytes in front. Unlike a
/// file that is merely stored, one in blocks has an end that can be found without knowing its length beforehand.
/// </summary>
internal sealed class ZipFrame : BodyFrame
{
    /// <inheritdoc/>
    public override int HeadLength => 5;

    /// <inheritdoc/>
    public override int TailLength => 0;

    /// <inheritdoc/>
    public override int MaxPiece => ushort.MaxValue;

    /// <summary>The check sum so far.</summary>
    public uint Sum { get; private set; }

    /// <summary>Bytes of the file so far.</summary>
    public long Size { get; private set; }

    /// <summary>Bytes of the blocks so far.</summary>
    public long Length { get; private set; }

    /// <summary>The file ends.</summary>
    /// <returns>What stands behind the last block: an empty one that says so.</returns>
    public ReadOnlySpan<byte> End()
    {
        Length += HeadLength;
        return [1, 0, 0, 0xFF, 0xFF];
    }

    /// <summary>Another file begins.</summary>
    public void Reset() => (Sum, Size, Length) = (0, 0, 0);

    /// <inheritdoc/>
    public override void Enclose(Span<byte> head, ReadOnlySpan<byte> piece, Span<byte> tail)
    {
        head[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(head[1..], (ushort)piece.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(head[3..], (ushort)~piece.Length);
        Sum = Crc32.Append(Sum, piece);
        Size += piece.Length;
        Length += HeadLength + piece.Length;
    }
}
