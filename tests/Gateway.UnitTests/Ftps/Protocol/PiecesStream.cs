namespace Gateway.UnitTests.Ftps.Protocol;

/// <summary>A peer's bytes in pieces of one's choosing, then the end.</summary>
internal sealed class PiecesStream(byte[] content, int pieceSize) : MemoryStream(content)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceSize)], cancellationToken);
}
