using System.Globalization;

namespace Gateway.Api.Streaming;

/// <summary>A range of bytes of a file.</summary>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">How many; at least one.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>The first byte behind it.</summary>
    public long End => Offset + Length;

    /// <summary>The value of <c>Content-Range</c>.</summary>
    public string ToContentRange(long size) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{End - 1}/{size}");
}
