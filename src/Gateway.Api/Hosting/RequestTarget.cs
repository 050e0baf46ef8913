using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Api.Hosting;

/// <summary>
/// The path as the caller sent it. Kestrel decodes percent-encoding (but <c>%2F</c>) and resolves dot segments before routing, so that
/// the routed path can no longer tell <c>%252F</c> from <c>%2F</c>, nor where a <c>..</c> was: the raw target can.
/// </summary>
internal static class RequestTarget
{
    /// <summary>Slashes before <c>{path}</c> in <c>/v1/backends/{backend}/files/{path}</c>.</summary>
    private const int PrefixSlashes = 5;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The raw, still encoded path of the request.</summary>
    public static ReadOnlySpan<char> RawPath(HttpContext context)
    {
        var target = context.FindFeature<IHttpRequestFeature>()!.RawTarget.AsSpan();

        // The absolute form of RFC 9112 section 3.2.2, as sent to proxies.
        if (target is not ['/', ..])
        {
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            var path = authority < 0 ? -1 : target[(authority + 3)..].IndexOfAny('/', '?');
            if (path < 0)
            {
                return "/";
            }

            target = target[(authority + 3 + path)..];
        }

        var query = target.IndexOf('?');
        return query < 0 ? target : target[..query];
    }

    /// <summary>Whether the URL names a path on a backend; else the request is about the backend itself, or its body says more.</summary>
    public static bool HasPath(HttpContext context) => HasRest(RawPath(context));

    /// <summary>The backend's path that the request is about.</summary>
    /// <exception cref="ProblemException">It is not valid.</exception>
    public static RemotePath ReadPath(HttpContext context)
    {
        return TryReadPath(RawRest(RawPath(context)), out var path, out var reason) ? path : throw new ProblemException(ProblemTypes.InvalidPath, reason);
    }

    /// <summary>The path for an error message; null where there is none or it is not valid.</summary>
    public static string? FindPath(HttpContext context)
    {
        var raw = RawPath(context);
        return FindBackend(context) is not null && HasRest(raw)
            && TryReadPath(RawRest(raw), out var path, out _) ? path.Value : null;
    }

    /// <summary>The name in the place of the backend, for an error message; null where there is none.</summary>
    public static string? FindBackend(HttpContext context)
    {
        if (context.GetRouteValue("backend") is string name)
        {
            return name;
        }

        // Before routing, or after it failed.
        const string Prefix = "/v1/backends/";
        var raw = RawPath(context);
        if (!raw.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var rest = raw[Prefix.Length..];
        var segment = rest.IndexOf('/') is >= 0 and var slash ? rest[..slash] : rest;
        return !segment.IsEmpty && TryDecode(segment, out var text, out _) ? text : null;
    }

    /// <summary>Decodes percent-encoding once, to UTF-8, strictly.</summary>
    /// <param name="encoded">The encoded path.</param>
    /// <param name="text">The text.</param>
    /// <param name="reason">Why not, as a sentence for the caller; empty on success.</param>
    public static bool TryDecode(ReadOnlySpan<char> encoded, out string text, out string reason)
    {
        reason = "";
        if (!encoded.Contains('%'))
        {
            text = encoded.ToString();
            return true;
        }

        text = "";
        var buffer = ArrayPool<byte>.Shared.Rent(encoded.Length * 3);
        try
        {
            var length = 0;
            while (!encoded.IsEmpty)
            {
                if (encoded[0] != '%')
                {
                    var plain = encoded.IndexOf('%') is >= 0 and var next ? encoded[..next] : encoded;
                    length += Encoding.UTF8.GetBytes(plain, buffer.AsSpan(length));
                    encoded = encoded[plain.Length..];
                    continue;
                }

                if (encoded.Length < 3 || !byte.TryParse(encoded[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                {
                    reason = "The path has a % that no two hexadecimal digits follow; a percent sign itself is written %25.";
                    return false;
                }

                if (value is (byte)'/')
                {
                    reason = "The path has an encoded slash (%2F): no file name can hold one.";
                    return false;
                }

                buffer[length++] = value;
                encoded = encoded[3..];
            }

            text = s_strictUtf8.GetString(buffer, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            reason = "The path is not percent-encoded UTF-8.";
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether a segment is <c>.</c> or <c>..</c>, however it is encoded.</summary>
    public static bool HasDotSegment(ReadOnlySpan<char> rawPath)
    {
        foreach (var range in rawPath.Split('/'))
        {
            var segment = rawPath[range];
            var dots = 0;
            while (!segment.IsEmpty)
            {
                var step = segment[0] == '.' ? 1 : segment.StartsWith("%2e", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
                if (step == 0)
                {
                    dots = 0;
                    break;
                }

                dots++;
                segment = segment[step..];
            }

            if (dots is 1 or 2)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadPath(ReadOnlySpan<char> encoded, out RemotePath path, [NotNullWhen(false)] out string? reason)
    {
        // Nearly every path is its own decoding, and needs no text besides the path's own.
        if (!encoded.Contains('%'))
        {
            return RemotePath.TryParse(encoded, out path, out reason);
        }

        path = default;
        return TryDecode(encoded, out var text, out reason) && RemotePath.TryParse(text, out path, out reason);
    }

    private static bool HasRest(ReadOnlySpan<char> rawPath) => rawPath.Count('/') >= PrefixSlashes;

    private static ReadOnlySpan<char> RawRest(ReadOnlySpan<char> rawPath)
    {
        for (var i = 0; i < PrefixSlashes; i++)
        {
            var slash = rawPath.IndexOf('/');
            if (slash < 0)
            {
                return "";
            }

            rawPath = rawPath[(slash + 1)..];
        }

        return rawPath;
    }
}
