using System.Security.Cryptography;
using System.Text;

namespace Gateway.Api.Streaming;

/// <summary>
/// The frame of a <c>multipart/byteranges</c> body (RFC 9110 section 14.6): what stands between the ranges, and so how long the body is.
/// </summary>
internal sealed class MultipartRanges
{
    private readonly byte[][] _heads;

    /// <param name="ranges">At least two, in the order of their parts.</param>
    /// <param name="size">Bytes of the file.</param>
    /// <param name="contentType">The file's media type.</param>
    public MultipartRanges(IReadOnlyList<ByteRange> ranges, long size, string contentType)
    {
        // Nobody can have put it into the file.
        var boundary = RandomNumberGenerator.GetHexString(32, lowercase: true);
        Ranges = ranges;
        ContentType = $"multipart/byteranges; boundary={boundary}";
        _heads =
        [
            .. ranges.Select((range, part) => Encoding.ASCII.GetBytes(
                $"{(part == 0 ? "" : "\r\n")}--{boundary}\r\nContent-Type: {contentType}\r\nContent-Range: {range.ToContentRange(size)}\r\n\r\n")),
        ];
        End = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        Length = ranges.Sum(range => range.Length) + _heads.Sum(head => head.Length) + End.Length;
    }

    /// <summary>The ranges, in the order of their parts.</summary>
    public IReadOnlyList<ByteRange> Ranges { get; }

    /// <summary>The media type of the whole, with its boundary.</summary>
    public string ContentType { get; }

    /// <summary>Bytes of the whole body.</summary>
    public long Length { get; }

    /// <summary>What stands behind the last range.</summary>
    public byte[] End { get; }

    /// <summary>What stands in front of a range.</summary>
    public byte[] Head(int part) => _heads[part];
}
