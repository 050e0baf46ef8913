using Gateway.Api.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Forms;

/// <summary>Reads a form part by part as it arrives (RFC 7578); nothing of it is kept. Every length and count has a bound.</summary>
internal sealed class FormReader
{
    /// <summary>Most parts of a form, files and fields together.</summary>
    public const int MaxParts = 10_000;

    /// <summary>Most bytes of a field that is no file; it is read past.</summary>
    public const int MaxFieldBytes = 64 * 1024;

    private const int MaxHeaders = 16;
    private const int MaxHeaderBytes = 16 * 1024;
    private const int BufferSize = 64 * 1024;

    /// <summary>RFC 2046, section 5.1.1.</summary>
    private const int MaxBoundary = 70;

    private readonly MultipartReader _reader;
    private readonly TimeSpan _stallTimeout;
    private readonly TimeProvider _time;
    private int _parts;

    /// <param name="request">The request; nothing of its body is read yet.</param>
    /// <param name="stallTimeout">The longest wait for the next part.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ProblemException">It is no form.</exception>
    public FormReader(HttpRequest request, TimeSpan stallTimeout, TimeProvider time)
    {
        _reader = new MultipartReader(ReadBoundary(request), request.Body, BufferSize) { HeadersCountLimit = MaxHeaders, HeadersLengthLimit = MaxHeaderBytes };
        (_stallTimeout, _time) = (stallTimeout, time);
    }

    /// <summary>The next file. The one before must have been read to its end.</summary>
    /// <returns>Null at the end of the form.</returns>
    /// <exception cref="ProblemException">The form is malformed or over a bound, or nothing arrives.</exception>
    public async ValueTask<FormPart?> ReadFileAsync(CancellationToken aborted)
    {
        using var patience = new CancellationTokenSource(_stallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, patience.Token);
        try
        {
            while (await _reader.ReadNextSectionAsync(either.Token) is { } section)
            {
                if (++_parts > MaxParts)
                {
                    throw new ProblemException(ProblemTypes.InvalidRequest, $"The form has more than {MaxParts} parts.");
                }

                if (ReadPart(section) is { } part)
                {
                    return part;
                }

                await SkipAsync(section.Body, either.Token);
            }

            return null;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            throw new ProblemException(ProblemTypes.RequestTimeout, $"Nothing of the form arrived for {_stallTimeout:c} (Transfers:StallTimeout).");
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed();
        }
    }

    /// <summary>Whether reading failed because of what the caller sent, and not because it left.</summary>
    public static bool IsMalformed(Exception? failure) =>
        failure is InvalidDataException or (IOException and not ConnectionResetException and not BadHttpRequestException);

    /// <summary>The problem of a form that is none.</summary>
    public static ProblemException Malformed() => new(
        ProblemTypes.InvalidRequest, "The form is cut off, or not written as RFC 7578 has it; what comes before its last whole file is stored.");

    private static string ReadBoundary(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count > 0 || !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ProblemTypes.UnsupportedMediaType, "A form with files is multipart/form-data; a single file is a PUT under …/files/.");
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundary
            ? boundary
            : throw new ProblemException(ProblemTypes.InvalidRequest, $"Content-Type has no boundary of 1 to {MaxBoundary} characters.");
    }

    /// <returns>Null for a part that is no file, or an input where none was chosen.</returns>
    private static FormPart? ReadPart(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ProblemTypes.InvalidRequest, "A part of the form has no Content-Disposition: form-data that can be read.");
        }

        return FormFileName.Find(disposition) is { Length: > 0 } name
            ? new FormPart(HeaderUtilities.RemoveQuotes(disposition.Name).ToString(), name, section)
            : null;
    }

    private static async ValueTask SkipAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        var skipped = 0;
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            skipped += count;
            if (skipped > MaxFieldBytes)
            {
                throw new ProblemException(ProblemTypes.InvalidRequest, $"A field of the form that is no file has more than {MaxFieldBytes} bytes.");
            }
        }
    }
}
