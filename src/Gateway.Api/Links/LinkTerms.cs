using System.Globalization;
using System.Text;
using Gateway.Broker.Backends;

namespace Gateway.Api.Links;

/// <summary>What a link allows: everything that its signature is about.</summary>
internal sealed record LinkTerms
{
    /// <summary>The methods that a link can be for. One for <c>GET</c> is good for <c>HEAD</c>, too.</summary>
    public static readonly IReadOnlyList<string> Methods = ["GET", "PUT"];

    /// <summary>Names the link; random.</summary>
    public required string Id { get; init; }

    /// <summary>The backend.</summary>
    public required string Backend { get; init; }

    /// <summary>The file.</summary>
    public required RemotePath Path { get; init; }

    /// <summary>One of <see cref="Methods"/>.</summary>
    public required string Method { get; init; }

    /// <summary>From when on it is no longer good: seconds since 1970.</summary>
    public required long Expires { get; init; }

    /// <summary>Who made it, sealed.</summary>
    public required string Issuer { get; init; }

    /// <summary>Largest upload, in bytes; null for the backend's own limit alone.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>How browsers treat the file, <c>attachment</c> or <c>inline</c>; null for the former.</summary>
    public string? Disposition { get; init; }

    /// <summary>Whether it is good once.</summary>
    public bool IsSingleUse { get; init; }

    /// <summary>
    /// What is signed: a word that says what it is and which version of it, and each value with its length in front (netstrings), so that no
    /// two sets of terms are the same text.
    /// </summary>
    public byte[] Encode()
    {
        using var text = new MemoryStream();
        foreach (var value in new[]
        {
            "gateway-link-1", Id, Backend, Path.Value, Method, Text(Expires), Issuer, Text(MaxBytes), Disposition ?? "", IsSingleUse ? "once" : "",
        })
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            text.Write(Encoding.ASCII.GetBytes(Text(bytes.Length) + ":"));
            text.Write(bytes);
            text.WriteByte((byte)',');
        }

        return text.ToArray();
    }

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
