using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Gateway.Api.Streaming;

/// <summary>
/// The digest of a whole file (RFC 9530), made while it is streamed and sent behind it in the trailer <c>Repr-Digest</c>, for callers that
/// ask with <c>Want-Repr-Digest</c>.
/// </summary>
/// <remarks>
/// A range has none: the digest is the whole file's, which is not read for it. In HTTP/1.1 only a chunked body has trailers, and only a
/// caller that says <c>TE: trailers</c> keeps them (RFC 9110 sections 6.5.1 and 10.1.4): it gets chunks instead of <c>Content-Length</c>,
/// any other caller its length and no digest. HTTP/2 has room for both. Kestrel writes no trailers in HTTP/1.1, so that the chunks are
/// written here.
/// </remarks>
internal sealed class ReprDigest : BodyFrame, IDisposable
{
    private const string Field = "Repr-Digest";

    private readonly HttpResponse _response;
    private readonly DigestAlgorithm _algorithm;
    private readonly IncrementalHash _hash;
    private readonly bool _isChunked;

    private ReprDigest(HttpResponse response, DigestAlgorithm algorithm, bool isChunked)
    {
        (_response, _algorithm, _isChunked) = (response, algorithm, isChunked);
        _hash = IncrementalHash.CreateHash(algorithm.Name);
    }

    /// <inheritdoc/>
    public override int HeadLength => _isChunked ? 10 : 0;

    /// <inheritdoc/>
    public override int TailLength => _isChunked ? 2 : 0;

    /// <summary>Prepares the response to a GET of a whole file, before its body begins.</summary>
    /// <returns>Null where nobody asks for a digest, or it could not arrive.</returns>
    public static ReprDigest? Begin(HttpContext context)
    {
        var request = context.Request;
        if (DigestAlgorithm.Preferred(request.Headers["Want-Repr-Digest"]) is not { } algorithm)
        {
            return null;
        }

        var isChunked = HttpProtocol.IsHttp11(request.Protocol) && TakesTrailers(request.Headers.TE);
        if (!isChunked && !HttpProtocol.IsHttp2(request.Protocol) && !HttpProtocol.IsHttp3(request.Protocol))
        {
            return null;
        }

        var response = context.Response;
        response.Headers.Trailer = Field;
        if (isChunked)
        {
            response.ContentLength = null;
            response.Headers.TransferEncoding = "chunked";
        }

        return new ReprDigest(response, algorithm, isChunked);
    }

    /// <inheritdoc/>
    public override void Enclose(Span<byte> head, ReadOnlySpan<byte> piece, Span<byte> tail)
    {
        _hash.AppendData(piece);
        if (_isChunked)
        {
            piece.Length.TryFormat(head, out _, "X8", CultureInfo.InvariantCulture);
            "\r\n"u8.CopyTo(head[8..]);
            "\r\n"u8.CopyTo(tail);
        }
    }

    /// <summary>The whole body was written: writes the digest behind it.</summary>
    public void End()
    {
        var value = _algorithm.Format(_hash.GetHashAndReset());
        if (_isChunked)
        {
            _response.BodyWriter.Write(Encoding.ASCII.GetBytes($"0\r\n{Field}: {value}\r\n\r\n"));
        }
        else
        {
            _response.AppendTrailer(Field, value);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private static bool TakesTrailers(StringValues te) =>
        te.ToString().Split(',').Any(coding => coding.Split(';')[0].Trim(' ', '\t').Equals("trailers", StringComparison.OrdinalIgnoreCase));
}
