using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Streaming;

/// <summary>Which bytes of a file a response has, and in which form.</summary>
/// <param name="Range">The only range; null for the whole file, and for several ranges.</param>
/// <param name="Parts">Several ranges; null for one or none.</param>
/// <param name="Length">Bytes of the body; null where the server does not tell the size.</param>
internal readonly record struct DownloadBody(ByteRange? Range, MultipartRanges? Parts, long? Length)
{
    /// <summary>Whether it is the whole file: 200.</summary>
    public bool IsWhole => Range is null && Parts is null;

    /// <summary>Chooses the bytes: all, unless a GET asks for ranges, and <c>If-Range</c> allows them.</summary>
    /// <exception cref="ProblemException">There are no such bytes.</exception>
    public static DownloadBody Choose(
        HttpRequest request, in RemoteEntry file, EntityTagHeaderValue? tag, DateTimeOffset? modified, string contentType)
    {
        // Range means nothing but in a GET (RFC 9110 section 14.2): HEAD answers as if it were not there.
        if (file.Size is not { } size || !HttpMethods.IsGet(request.Method) || request.Headers.Range.Count == 0
            || !Preconditions.AllowsRange(request.Headers, tag, modified))
        {
            return new DownloadBody(null, null, file.Size);
        }

        switch (RangeHeader.Read(request.Headers.Range.ToString(), size, out var ranges))
        {
            case RangeKind.Unsatisfiable:
                throw new ProblemException(ProblemTypes.RangeNotSatisfiable, $"The file has {size} bytes.") { UnsatisfiedLength = size };
            case RangeKind.Partial when ranges is [var only]:
                return new DownloadBody(only, null, only.Length);
            case RangeKind.Partial:
                var parts = new MultipartRanges(ranges, size, contentType);
                return new DownloadBody(null, parts, parts.Length);
            default:
                return new DownloadBody(null, null, size);
        }
    }

    /// <summary>Sets the status and the headers that tell of the bytes.</summary>
    public void Describe(HttpResponse response, in RemoteEntry file, string contentType)
    {
        response.Headers.AcceptRanges = file.Size is null ? "none" : "bytes";
        response.ContentType = Parts?.ContentType ?? contentType;
        response.ContentLength = Length;
        if (!IsWhole)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = Range?.ToContentRange(file.Size!.Value);
        }
    }
}
