namespace Gateway.Api.Streaming;

/// <summary>
/// What stands around the bytes of a file in a body, piece by piece: the bytes are received where they will stand, and the frame is laid
/// around them.
/// </summary>
internal abstract class BodyFrame
{
    /// <summary>Bytes in front of each piece.</summary>
    public abstract int HeadLength { get; }

    /// <summary>Bytes behind each piece.</summary>
    public abstract int TailLength { get; }

    /// <summary>Looks at a piece, and writes all of <paramref name="head"/> and <paramref name="tail"/>.</summary>
    public abstract void Enclose(Span<byte> head, ReadOnlySpan<byte> piece, Span<byte> tail);
}
