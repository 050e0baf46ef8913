using System.Net;
using System.Text.RegularExpressions;
using Gateway.Api.Access;
using Gateway.Api.Identity;
using Gateway.FunctionalTests.Http;
using Gateway.Testing.Fakes;
using Gateway.Testing.Gateways;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.FunctionalTests.Access;

public sealed partial class IdentityTests
{
    [Theory]
    [InlineData("GET", "/v1/backends")]
    [InlineData("GET", "/v1/backends/files")]
    [InlineData("GET", "/v1/backends/nothing")]
    [InlineData("GET", "/v1/backends/files/files/a")]
    [InlineData("GET", "/v1/backends/files/files/a%00b")]
    [InlineData("PUT", "/v1/backends/files/files/a")]
    [InlineData("POST", "/v1/backends/files/moves")]
    [InlineData("TRACE", "/v1/backends/files/files/a")]
    [InlineData("GET", "/V1/Backends")]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("GET", "/v1")]
    public async Task Whom_the_configuration_does_not_name_nobody_lets_in(string method, string path)
    {
        await using var gateway = await MemoryGateway.StartAsync(("Identity:Anonymous", "false"));

        using var response = await gateway.SendAsync(new HttpMethod(method), path.Replace("%00", "", StringComparison.Ordinal));

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Unauthorized, "unauthorized");
        Assert.Equal("Bearer realm=\"gateway\"", response.Headers.WwwAuthenticate.ToString());
        Assert.DoesNotContain("configur", problem.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(gateway.Host.Logs.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("Gateway:Identity:ApiKeys", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Probes_need_no_credential(string path)
    {
        await using var gateway = await MemoryGateway.StartAsync(("Identity:Anonymous", "false"));
        await gateway.Host.WaitUntilReadyAsync();

        using var response = await gateway.GetAsync(path, ("X-Api-Key", "gw_nonsense"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("X-Api-Key", "gw_AAECAwQFAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("X-Api-Key", "")]
    [InlineData("X-Api-Key", "x")]
    [InlineData("Authorization", "Bearer gw_AAECAwQFAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("Authorization", "Bearer")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "Bearer a.b.c")]
    [InlineData("Authorization", "Basic dXNlcjpwYXNz")]
    public async Task A_bad_credential_is_refused_also_where_none_is_needed(string header, string value)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var none = await gateway.GetAsync("/v1/backends");
        Assert.Equal(HttpStatusCode.OK, none.StatusCode);

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Host.BaseAddress, "/v1/backends"));
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await gateway.Client.SendAsync(request);

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Unauthorized, "unauthorized");
        Assert.Contains("invalid_token", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_taken_in_both_headers_but_not_in_both_at_once()
    {
        await using var gateway = await KeyedGateway.StartAsync("files /** list");

        using var own = await gateway.GetAsync("/v1/backends");
        using var bearer = await gateway.GetAsync("/v1/backends", ("Authorization", "bearer " + gateway.Key));
        using var both = await gateway.GetAsync("/v1/backends", ("X-Api-Key", gateway.Key), ("Authorization", "Bearer " + gateway.Key));
        using var inQuery = await gateway.GetAsync("/v1/backends?X-Api-Key=" + gateway.Key, ("X-Api-Key", ""));

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized],
            new[] { own, bearer, both, inQuery }.Select(response => response.StatusCode));
    }

    [Fact]
    public async Task A_key_is_good_to_the_end_of_its_last_day_and_then_like_one_that_never_was()
    {
        var time = new ManualTimeProvider(new DateTimeOffset(2027, 1, 31, 23, 59, 59, TimeSpan.Zero));
        var (key, hash) = ApiKeyHash.Create();
        await using var gateway = await GatewayHost.StartAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Gateway:Identity:ApiKeys:app:Hash"] = hash.ToString(),
                ["Gateway:Identity:ApiKeys:app:Expires"] = "2027-01-31",
            },
            services => services.AddSingleton<TimeProvider>(time));
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(key)).Status);

        time.Advance(TimeSpan.FromSeconds(1));
        var expired = await CallAsync(key);
        var wrong = await CallAsync(string.Concat(key.AsSpan(0, key.Length - 1), key[^1] == 'A' ? "E" : "A"));
        var unknown = await CallAsync(ApiKeyHash.Create().Key);

        Assert.Equal(HttpStatusCode.Unauthorized, expired.Status);
        Assert.Equal(unknown, expired);
        Assert.Equal(unknown, wrong);
        Assert.Contains(gateway.Logs.Lines, line => line.Text.Contains("app has expired", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Logs.Lines, line => line.Text.Contains(key[3..], StringComparison.Ordinal) || line.Text.Contains(key[11..], StringComparison.Ordinal));

        async Task<(HttpStatusCode Status, string Answer)> CallAsync(string credential)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.BaseAddress, "/v1/backends"));
            request.Headers.Add("X-Api-Key", credential);
            using var response = await gateway.Client.SendAsync(request);
            var body = TraceId().Replace(await response.Content.ReadAsStringAsync(), "");
            var headers = string.Join('\n', response.Headers.Concat(response.Content.Headers)
                .Where(header => header.Key is not "Date").Select(header => $"{header.Key}: {string.Join(',', header.Value)}"));
            return (response.StatusCode, headers + body);
        }
    }

    [Fact]
    public async Task A_key_that_a_reload_takes_away_is_gone_with_the_next_request()
    {
        await using var gateway = await KeyedGateway.StartAsync("files /** list");
        using var before = await gateway.GetAsync("/v1/backends");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        gateway.RemoveKey();

        using var after = await gateway.GetAsync("/v1/backends");
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task Every_route_below_v1_names_the_right_that_it_needs()
    {
        await using var gateway = await MemoryGateway.StartAsync();

        var routes = gateway.Host.Services.GetRequiredService<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/v1", StringComparison.OrdinalIgnoreCase)).ToList();

        Assert.True(routes.Count > 10);
        Assert.All(routes, route => Assert.NotNull(route.Metadata.GetMetadata<RequiredRight>()));
    }

    [Fact]
    public async Task Everybody_sees_the_backends_on_which_they_have_a_right()
    {
        await using var gateway = await KeyedGateway.StartAsync("files /reports/** read");

        using var list = await gateway.GetAsync("/v1/backends");
        var names = (await MemoryGateway.ReadJsonAsync(list)).GetProperty("backends").EnumerateArray().Select(backend => backend.GetProperty("name").GetString());
        using var known = await gateway.GetAsync("/v1/backends/files");
        var hidden = await ReadWithoutTraceAsync(await gateway.GetAsync("/v1/backends/other"));
        var missing = await ReadWithoutTraceAsync(await gateway.GetAsync("/v1/backends/othes"));

        Assert.Equal(["files"], names);
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        Assert.Equal(missing.Replace("othes", "other", StringComparison.Ordinal), hidden);
        Assert.Contains("backend-not-found", hidden, StringComparison.Ordinal);
    }

    internal static async Task<string> ReadWithoutTraceAsync(HttpResponseMessage response)
    {
        using (response)
        {
            return (int)response.StatusCode + TraceId().Replace(await response.Content.ReadAsStringAsync(), "");
        }
    }

    [GeneratedRegex("\"traceId\":\"[0-9a-f]{32}\"")]
    private static partial Regex TraceId();
}
