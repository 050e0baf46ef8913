using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Gateway.Broker.Backends;

namespace Gateway.Api.Links;

/// <summary>How the terms of a link stand in its query. Nothing else may: what was not signed has no meaning here.</summary>
internal static class LinkQuery
{
    private const string Id = "link";
    private const string Expires = "expires";
    private const string KeyId = "key";
    private const string Issuer = "issuer";
    private const string MaxBytes = "max";
    private const string Disposition = "disposition";
    private const string SingleUse = "once";
    private const string Signature = "signature";

    private static readonly string[] s_names = [Id, Expires, KeyId, Issuer, MaxBytes, Disposition, SingleUse, Signature];

    /// <summary>Whether a request wants to be judged as a link.</summary>
    public static bool IsPresent(HttpRequest request) => request.Query.ContainsKey(Signature) || request.Query.ContainsKey(Id);

    /// <summary>The query, with its question mark.</summary>
    public static string Format(LinkTerms terms, string keyId, ReadOnlySpan<byte> signature)
    {
        var optional = (terms.MaxBytes is { } most ? string.Create(CultureInfo.InvariantCulture, $"&{MaxBytes}={most}") : "")
            + (terms.Disposition is { } disposition ? $"&{Disposition}={disposition}" : "")
            + (terms.IsSingleUse ? $"&{SingleUse}=1" : "");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"?{Id}={terms.Id}&{Expires}={terms.Expires}&{KeyId}={keyId}&{Issuer}={terms.Issuer}{optional}&{Signature}={Base64Url.EncodeToString(signature)}");
    }

    /// <summary>Reads a link; whether it is good, its signature tells.</summary>
    /// <param name="query">The query.</param>
    /// <param name="backend">The backend in the URL.</param>
    /// <param name="path">The path in the URL.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="link">The link.</param>
    public static bool TryRead(IQueryCollection query, string backend, RemotePath path, string method, [NotNullWhen(true)] out SignedLink? link)
    {
        link = null;
        foreach (var (name, values) in query)
        {
            // Each at most once, and under its exact name: the collection itself knows no case.
            if (!s_names.Contains(name, StringComparer.Ordinal) || values is not [{ Length: > 0 }])
            {
                return false;
            }
        }

        if (Read(Id) is not { } id || Read(KeyId) is not { } keyId || Read(Issuer) is not { } issuer || Read(Signature) is not { } text
            || !TryReadNumber(Read(Expires), out var expires) || expires is null || !TryReadNumber(Read(MaxBytes), out var most)
            || Read(Disposition) is not (null or "attachment" or "inline") || Read(SingleUse) is not (null or "1")
            || !Base64Url.IsValid(text) || Base64Url.DecodeFromChars(text) is not { Length: LinkKey.SignatureBytes } signature)
        {
            return false;
        }

        var terms = new LinkTerms
        {
            Id = id,
            Backend = backend,
            Path = path,
            Method = HttpMethods.IsHead(method) ? HttpMethods.Get : method,
            Expires = expires.Value,
            Issuer = issuer,
            MaxBytes = most,
            Disposition = Read(Disposition),
            IsSingleUse = Read(SingleUse) is not null,
        };
        link = new SignedLink(terms, keyId, signature);
        return true;

        string? Read(string name) => query.TryGetValue(name, out var values) ? values[0] : null;
    }

    /// <summary>One number has one text.</summary>
    private static bool TryReadNumber(string? text, out long? number)
    {
        number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
        return text is null || (number is not null && (text[0] != '0' || text.Length == 1));
    }
}
