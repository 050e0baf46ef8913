using System.Text;
using Gateway.Api.Configuration;
using Gateway.Api.Identity.Tokens;

namespace Gateway.Fuzz.Targets;

/// <summary>Tokens, which strangers send, and key sets, which authorities do.</summary>
internal static class TokenTargets
{
    private static readonly JwtSettings s_settings = new("https://authority", "gateway", "roles", new HashSet<string>(StringComparer.Ordinal) { "RS256" });

    public static IEnumerable<FuzzTarget> All =>
    [
        new("token", input => Run(() => ReadToken(Encoding.Latin1.GetString(input)))) { Words = [".", "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ", "e30", "="] },
        new("token-header", input => Run(() => ReadToken(Join(input, "{}"u8)))) { Words = ["\"alg\":\"RS256\"", "\"kid\":\"a\"", "\"crit\":[]", "\\ud800", ",", "{", "}", "none"] },
        new("token-claims", input => Run(() => ReadClaims(input)))
        {
            Words = ["\"iss\":\"https://authority\"", "\"aud\":\"gateway\"", "\"exp\":253402300798", "\"sub\":\"a\"", "\"roles\":[\"a\"]", "\\ud800", ",", "1e400", "-1"],
        },
        new("token-keys", input => Run(() => _ = KeySet.Parse("https://authority", input)))
        {
            Words = ["\"keys\":[", "\"kty\":\"RSA\"", "\"n\":\"", "\"e\":\"AQAB\"", "\"kty\":\"EC\"", "\"crv\":\"P-256\"", "\"x\":\"", "\\ud800", "{", "},"],
        },
    ];

    /// <summary>What is not accepted is so by one exception.</summary>
    private static ValueTask Run(Action read)
    {
        try
        {
            read();
        }
        catch (TokenException)
        {
            // The one that is allowed.
        }

        return ValueTask.CompletedTask;
    }

    private static void ReadToken(string text)
    {
        var token = JsonWebToken.Parse(text);
        FuzzFailure.Unless(token.KeyId.Length > 0 && text.AsSpan().Count('.') == 2, "A token is believed that is none.");
        FuzzFailure.Unless(text.StartsWith(Encoding.ASCII.GetString(token.SignedBytes) + ".", StringComparison.Ordinal), "Something else is signed than what stands there.");
        _ = TokenClaims.Read(token.Claims, "https://authority", s_settings, new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero));
    }

    private static void ReadClaims(byte[] input)
    {
        var claims = TokenClaims.Read(
            JsonWebToken.Parse(Join("{\"alg\":\"RS256\",\"kid\":\"a\"}"u8, input)).Claims, "https://authority", s_settings, new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero));
        FuzzFailure.Unless(claims.Subject.Length is > 0 and <= 255 && claims.Grants.Count <= 200, "Claims are out of bounds.");
    }

    private static string Join(ReadOnlySpan<byte> header, ReadOnlySpan<byte> claims) =>
        $"{System.Buffers.Text.Base64Url.EncodeToString(header)}.{System.Buffers.Text.Base64Url.EncodeToString(claims)}.AAAA";
}
