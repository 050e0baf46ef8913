using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Testing.Identity;

namespace Gateway.FunctionalTests.Access;

/// <summary>Bearer tokens: those that are good, and the attacks of RFC 7515, 7519 and 8725.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private TokenGateway _gateway = null!;

    private OidcAuthority Authority => _gateway.Authority;

    public async Task InitializeAsync() => _gateway = await TokenGateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task A_token_of_the_authority_is_good(string algorithm)
    {
        Authority.Rotate(TokenKey.Create(algorithm), forgetsOthers: true);

        Assert.Equal(HttpStatusCode.OK, await _gateway.CallAsync(Authority.Issue()));
        Assert.Equal(HttpStatusCode.OK, await _gateway.CallAsync(Authority.Issue()));
        Assert.Equal(1, Authority.Fetches);
    }

    public static TheoryData<string, HttpStatusCode> Grants { get; } = new()
    {
        { """ "app" """, HttpStatusCode.OK },
        { """ "x app y" """, HttpStatusCode.OK },
        { """ ["x", "APP"] """, HttpStatusCode.OK },
        { """ ["other"] """, HttpStatusCode.NotFound },
        { """ ["x", 1, null, {}] """, HttpStatusCode.NotFound },
        { """ "apps app\u0000" """, HttpStatusCode.NotFound },
        { """ [] """, HttpStatusCode.NotFound },
        { """ "" """, HttpStatusCode.NotFound },
        { """ {"app": true} """, HttpStatusCode.Unauthorized },
        { """ 1 """, HttpStatusCode.Unauthorized },
    };

    [Theory]
    [MemberData(nameof(Grants))]
    public async Task Its_claim_names_grants_and_what_is_not_configured_gives_nothing(string roles, HttpStatusCode expected) =>
        Assert.Equal(expected, await _gateway.CallAsync(Authority.Issue(("roles", JsonNode.Parse(roles)))));

    public static TheoryData<string, string?> BadClaims { get; } = new()
    {
        { "iss", "\"https://evil.example.com\"" }, { "iss", null }, { "iss", "[\"x\"]" },
        { "aud", "\"other\"" }, { "aud", null }, { "aud", "[\"gateway2\", 1]" }, { "aud", "{}" }, { "aud", "\"Gateway\"" },
        { "exp", null }, { "exp", "1" }, { "exp", "\"9999999999\"" }, { "exp", "-1" }, { "exp", "1e300" }, { "exp", "null" },
        { "nbf", "9999999999" }, { "nbf", "\"x\"" }, { "iat", "9999999999" }, { "sub", "\"\"" }, { "sub", "1" },
    };

    [Theory]
    [MemberData(nameof(BadClaims))]
    public async Task Claims_that_are_wrong_are_refused(string name, string? value)
    {
        var claims = Authority.Claims();
        claims.Remove(name);
        if (value is not null)
        {
            claims[name] = JsonNode.Parse(value);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await _gateway.CallAsync(Authority.Key.Sign(claims)));
        Assert.Equal(HttpStatusCode.OK, await _gateway.CallAsync(Authority.Issue()));
    }

    [Theory]
    [InlineData("aud", "[\"x\", \"gateway\"]")]
    [InlineData("nbf", null)]
    [InlineData("iat", null)]
    [InlineData("exp", "4102444800.5")]
    public async Task Claims_have_the_forms_that_they_may_have(string name, string? value) =>
        Assert.Equal(HttpStatusCode.OK, await _gateway.CallAsync(Authority.Issue((name, value is null ? null : JsonNode.Parse(value)))));

    public static TheoryData<string, string?> BadHeaders { get; } = new()
    {
        { "alg", "\"none\"" }, { "alg", "\"None\"" }, { "alg", "\"\"" }, { "alg", null }, { "alg", "\"HS256\"" }, { "alg", "\"es256\"" }, { "alg", "\"ES384\"" },
        { "alg", "\"RS256\"" }, { "alg", "[\"ES256\"]" }, { "alg", "\"EdDSA\"" },
        { "kid", null }, { "kid", "\"\"" }, { "kid", "1" }, { "kid", "\"unknown\"" }, { "kid", "\"../../dev/null\"" },
        { "crit", "[\"exp\"]" }, { "crit", "[]" }, { "b64", "false" }, { "zip", "\"DEF\"" }, { "cty", "\"JWT\"" }, { "enc", "\"A256GCM\"" },
        { "jku", "\"https://evil.example.com/keys\"" }, { "x5u", "\"https://evil.example.com/\"" }, { "x5c", "[\"MIIB\"]" }, { "jwk", "{}" },
        { "typ", "\"logout+jwt\"" }, { "typ", "\"dpop+jwt\"" }, { "typ", "\"secevent+jwt\"" }, { "typ", "1" },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public async Task Headers_that_would_have_it_verified_otherwise_are_refused(string name, string? value)
    {
        var token = Authority.Key.Sign(Authority.Claims(), (name, value is null ? null : JsonNode.Parse(value)));

        Assert.Equal(HttpStatusCode.Unauthorized, await _gateway.CallAsync(token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("jwt")]
    [InlineData("at+jwt")]
    [InlineData("application/at+JWT")]
    public async Task Types_of_access_tokens_are_taken(string? type) =>
        Assert.Equal(HttpStatusCode.OK, await _gateway.CallAsync(Authority.Key.Sign(Authority.Claims(), ("typ", type))));

    /// <summary>RFC 8725, section 2.1: the public key, which everybody has, as the secret of an HMAC.</summary>
    [Fact]
    public async Task A_public_key_is_no_secret()
    {
        Authority.Rotate(TokenKey.Create("RS256"), forgetsOthers: true);
        foreach (var secret in new[] { Encoding.ASCII.GetBytes(Authority.Key.ToPem()), Encoding.ASCII.GetBytes(Authority.Key.ToJson()["n"]!.GetValue<string>()), [] })
        {
            var text = TokenKey.Encode($$"""{"alg":"HS256","kid":"{{Authority.Key.Id}}"}""") + "." + TokenKey.Encode(Authority.Claims().ToJsonString());
            Assert.Equal(HttpStatusCode.Unauthorized, await _gateway.CallAsync($"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(text)))}"));
        }
    }

    /// <summary>Keys that a token brings along, signed with them: RFC 8725, sections 2.10 and 3.10.</summary>
    [Fact]
    public async Task A_key_in_the_token_is_not_the_authoritys()
    {
        using var evil = TokenKey.Create("ES256", Authority.Key.Id);

        Assert.Equal(HttpStatusCode.Unauthorized, await _gateway.CallAsync(evil.Sign(Authority.Claims(), ("jwk", evil.ToJson()))));
        Assert.Equal(HttpStatusCode.Unauthorized, await _gateway.CallAsync(evil.Sign(Authority.Claims())));
    }

    /// <summary>CVE-2022-21449 and its like: numbers that verify anything in careless arithmetic.</summary>
    [Theory]
    [InlineData(0, 64)]
    [InlineData(255, 64)]
    [InlineData(1, 64)]
    [InlineData(0, 0)]
    [InlineData(0, 63)]
    [InlineData(0, 96)]
    [InlineData(0, 2000)]
    public async Task A_signature_of_nothing_is_none(byte value, int length)
    {
        var good = Authority.Issue();
        var signature = new byte[length];
        Array.Fill(signature, value);

        Assert.Equal(HttpStatusCode.Unauthorized, await _gateway.CallAsync(good[..(good.LastIndexOf('.') + 1)] + Base64Url.EncodeToString(signature)));
    }

    [Fact]
    public async Task Texts_that_are_no_token_or_one_in_another_spelling_are_refused()
    {
        var good = Authority.Issue();
        var parts = good.Split('.');
        var (key, claims) = (Authority.Key, Authority.Claims().ToJsonString());
        var header = $$"""{"alg":"ES256","kid":"{{key.Id}}"}""";
        string[] bad =
        [
            "", ".", "..", "...", "a.b.c", parts[0], $"{parts[0]}.{parts[1]}", $"{parts[0]}.{parts[1]}.", good + ".", "." + good, good + "=",
            good.Replace(".", "=.", StringComparison.Ordinal), $"{parts[0]} .{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.{parts[2]}A",
            $"{parts[1]}.{parts[0]}.{parts[2]}", $"{parts[0]}.{TokenKey.Encode(claims.Replace("alice", "bob", StringComparison.Ordinal))}.{parts[2]}",
            $"{TokenKey.Encode(header)}.{parts[1]}.{parts[2]}",
            // The last character has bits that say nothing: another text with the same bytes.
            good[..^1] + Twin(good[^1]),
            key.Sign("[]", claims), key.Sign("null", claims), key.Sign(header, "[]"), key.Sign(header, "\"x\""), key.Sign(header, "{"), key.Sign(header, ""),
            key.Sign(header, claims[..^1] + ",}"), key.Sign(header, claims + " x"), key.Sign(header, "\ufeff" + claims),
            // Twice the same member: whoever reads the other one lets in somebody else.
            key.Sign(header, claims[..^1] + ",\"sub\":\"root\"}"), key.Sign(header, "{\"roles\":[],\"\\u0072oles\":[\"app\"]," + claims[1..]),
            key.Sign(header[..^1] + ",\"alg\":\"ES256\"}", claims),
            key.Sign(header, claims[..^1] + ",\"deep\":" + new string('[', 100) + new string(']', 100) + "}"),
            key.Sign(header, claims[..^1] + $",\"large\":\"{new string('x', 8000)}\"}}"),
            key.Sign(header, claims[..^1] + ",\"client_id\":\"\\ud800\",\"sub2\":1}").Insert(3, "\t"),
        ];

        foreach (var token in bad)
        {
            var status = await _gateway.CallAsync(token);
            Assert.True(status == HttpStatusCode.Unauthorized, $"{status}: {token}");
        }

        Assert.Equal(HttpStatusCode.OK, await _gateway.CallAsync(good));
        Assert.DoesNotContain(_gateway.Host.Logs.Lines, line => line.Text.Contains(parts[2], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_weak_or_foreign_key_of_the_authority_verifies_nothing()
    {
        using var weak = TokenKey.Create("RS256", bits: 1024);
        using var encrypting = TokenKey.Create("RS256");
        using var other = TokenKey.Create("RS256");
        using var wrongCurve = TokenKey.Create("ES384");
        Authority.Keys = () =>
        {
            var (forEncryption, forOther, curve) = (encrypting.ToJson(), other.ToJson(), wrongCurve.ToJson());
            (forEncryption["use"], forOther["alg"], curve["crv"]) = ("enc", "RS512", "P-256");
            return new JsonObject { ["keys"] = new JsonArray(weak.ToJson(), forEncryption, forOther, curve, "x", new JsonObject(), Authority.Key.ToJson()) }.ToJsonString();
        };

        foreach (var key in new[] { weak, encrypting, other, wrongCurve })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await _gateway.CallAsync(key.Sign(Authority.Claims())));
        }

        Assert.Equal(HttpStatusCode.OK, await _gateway.CallAsync(Authority.Issue()));
    }

    [Fact]
    public async Task An_algorithm_that_is_not_configured_is_refused_though_its_signature_is_right()
    {
        await using var gateway = await TokenGateway.StartAsync(null, [.. Enumerable.Range(0, 9).Select(i => ($"Identity:Jwt:Algorithms:{i}", (string?)"RS256"))]);

        Assert.Equal(HttpStatusCode.Unauthorized, await gateway.CallAsync(gateway.Authority.Issue()));
    }

    /// <summary>The character that differs in its lowest bit alone, which is beyond the last byte of 64.</summary>
    private static char Twin(char c)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return Alphabet[Alphabet.IndexOf(c, StringComparison.Ordinal) ^ 1];
    }
}
