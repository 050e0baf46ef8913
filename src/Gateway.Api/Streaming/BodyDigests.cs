using System.Buffers;
using System.Security.Cryptography;
using Gateway.Api.Errors;
using Microsoft.Extensions.Primitives;

namespace Gateway.Api.Streaming;

/// <summary>
/// The digests of a body as it streams by (RFC 9530): those that the caller announced, in <c>Content-Digest</c> and <c>Repr-Digest</c>, before
/// or behind the body, and the one that it wants told. Nothing is computed that nobody asked for.
/// </summary>
/// <remarks>A body in a content coding is refused, and so the two fields mean the same bytes.</remarks>
internal sealed class BodyDigests : IDisposable
{
    private static readonly string[] s_fields = ["Content-Digest", "Repr-Digest"];

    private readonly HttpRequest? _trailers;
    private readonly DigestAlgorithm? _wanted;
    private readonly List<(string Field, DigestAlgorithm Algorithm, byte[] Digest)> _announced = [];
    private readonly List<(DigestAlgorithm Algorithm, IncrementalHash Hash)> _hashes = [];
    private readonly Dictionary<DigestAlgorithm, byte[]> _found = [];

    private BodyDigests(DigestAlgorithm? wanted, HttpRequest? trailers) => (_wanted, _trailers) = (wanted, trailers);

    /// <summary>What a request asks for; null for nothing.</summary>
    /// <exception cref="ProblemException">A field is malformed.</exception>
    public static BodyDigests? Read(HttpRequest request)
    {
        var announcesTrailers = request.SupportsTrailers()
            && request.GetDeclaredTrailers().Any(name => s_fields.Contains(name, StringComparer.OrdinalIgnoreCase));
        var wanted = DigestAlgorithm.Preferred(request.Headers["Want-Repr-Digest"]);
        return Create(name => request.Headers[name], wanted, announcesTrailers ? request : null);
    }

    /// <summary>What the headers of one part of a form ask for; null for nothing.</summary>
    /// <exception cref="ProblemException">A field is malformed.</exception>
    public static BodyDigests? Read(IReadOnlyDictionary<string, StringValues> headers) =>
        Create(name => headers.GetValueOrDefault(name), wanted: null, trailers: null);

    /// <summary>The next bytes of the body.</summary>
    public void Append(in ReadOnlySequence<byte> data)
    {
        foreach (var (_, hash) in _hashes)
        {
            foreach (var segment in data)
            {
                hash.AppendData(segment.Span);
            }
        }
    }

    /// <summary>Compares, at the end of the body.</summary>
    /// <exception cref="ProblemException">The body is another than was announced; or a trailer is malformed.</exception>
    public void Verify()
    {
        if (_trailers is not null)
        {
            ReadFields(name => _trailers.CheckTrailersAvailable() ? _trailers.GetTrailer(name) : default);
        }

        foreach (var (algorithm, hash) in _hashes)
        {
            _found[algorithm] = hash.GetHashAndReset();
        }

        foreach (var (field, algorithm, digest) in _announced)
        {
            if (!_found[algorithm].AsSpan().SequenceEqual(digest))
            {
                throw new ProblemException(
                    ProblemTypes.DigestMismatch, $"The {algorithm.Key} of the body is not the one that {field} told; nothing was changed.");
            }
        }
    }

    /// <summary>The value of <c>Repr-Digest</c> that the caller wants; null for none. Known after <see cref="Verify"/>.</summary>
    public string? FormatWanted() => _wanted is null ? null : _wanted.Format(_found[_wanted]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, hash) in _hashes)
        {
            hash.Dispose();
        }
    }

    private static BodyDigests? Create(Func<string, StringValues> field, DigestAlgorithm? wanted, HttpRequest? trailers)
    {
        var digests = new BodyDigests(wanted, trailers);
        digests.ReadFields(field);
        foreach (var algorithm in DigestAlgorithm.All)
        {
            // A trailer may name either: it comes when the bytes have gone by.
            if (trailers is not null || wanted == algorithm || digests._announced.Any(one => one.Algorithm == algorithm))
            {
                digests._hashes.Add((algorithm, IncrementalHash.CreateHash(algorithm.Name)));
            }
        }

        return digests._hashes.Count == 0 ? null : digests;
    }

    private void ReadFields(Func<string, StringValues> read)
    {
        foreach (var field in s_fields)
        {
            var members = new Dictionary<string, string>(StringComparer.Ordinal);
            if (!StructuredFields.TryReadDictionary(read(field).ToString(), members))
            {
                throw Malformed(field);
            }

            foreach (var algorithm in DigestAlgorithm.All)
            {
                if (members.TryGetValue(algorithm.Key, out var text))
                {
                    _announced.Add((field, algorithm, Decode(field, algorithm, text)));
                }
            }
        }
    }

    private static byte[] Decode(string field, DigestAlgorithm algorithm, string text)
    {
        var digest = new byte[algorithm.Length];
        return text is [':', .. var encoded, ':'] && Convert.TryFromBase64Chars(encoded, digest, out var length) && length == algorithm.Length
            ? digest
            : throw Malformed(field);
    }

    private static ProblemException Malformed(string field) => new(
        ProblemTypes.InvalidRequest, $"{field} is not written as RFC 9530 has it: sha-256=:BASE64:, or sha-512=:BASE64:, with colons around the base64.");
}
