using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gateway.Api.Configuration;
using Gateway.Api.Management;
using Gateway.FunctionalTests.Access;
using Gateway.FunctionalTests.Http;
using Gateway.Testing.Gateways;
using Gateway.Testing.Network;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Surface;

/// <summary>What is for operators, and what is for callers, at ports of their own.</summary>
public sealed class ManagementTests
{
    [Fact]
    public async Task Each_port_answers_for_its_own_surface_only()
    {
        await using var gateway = await StartAsync();
        string[] shared = ["/health/live", "/health/ready", "/problems"];
        string[] operators = ["/health", "/health/", "/Health", "/%68ealth", "/metrics", "/swagger", "/swagger/", "/swagger/index.html", "/swagger/index.js", "/openapi/v1.json"];
        string[] callers = ["/v1/backends", "/v1/backends/files", "/v1/backends/files/directories/", "/nothing"];

        foreach (var path in shared)
        {
            Assert.Equal((200, 200), (await AskAsync(gateway, path), await AskAsync(gateway, path, atManagement: true)));
        }

        foreach (var path in operators)
        {
            Assert.Equal(404, await AskAsync(gateway, path));
            Assert.InRange(await AskAsync(gateway, path, atManagement: true), 200, 302);
        }

        foreach (var path in callers)
        {
            Assert.Equal(path == "/nothing" ? 404 : 200, await AskAsync(gateway, path));
            Assert.Equal(404, await AskAsync(gateway, path, atManagement: true));
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("OPTIONS")]
    public async Task What_is_not_here_is_a_route_that_does_not_exist_whatever_the_method(string method)
    {
        await using var gateway = await StartAsync(("Cors:Origins:0", "*"));
        using var request = new HttpRequestMessage(new HttpMethod(method), "/metrics");
        request.Headers.TryAddWithoutValidation("Origin", "https://app.example.com");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "GET");

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        if (method != "HEAD")
        {
            await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.NotFound, "not-found");
        }
    }

    [Fact]
    public async Task The_connection_decides_and_nothing_that_a_caller_writes()
    {
        await using var gateway = await StartAsync(("Proxies:Known:0", "127.0.0.1"));
        var port = ManagementPort(gateway);
        await using var connection = await RawConnection.OpenAsync(gateway.BaseAddress);

        await connection.SendAsync($"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-Host: 127.0.0.1:{port}\r\nX-Forwarded-For: 127.0.0.1:{port}\r\nX-Forwarded-Port: {port}\r\n\r\n");
        Assert.Equal(404, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync($"GET http://127.0.0.1:{port}/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
        Assert.Equal(404, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync($"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-Prefix: /metrics\r\n\r\n");
        Assert.Equal(404, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Without_a_port_of_its_own_it_shares_the_public_one()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        foreach (var path in new[] { "/health", "/metrics", "/swagger/index.html", "/openapi/v1.json", "/health/live", "/v1/backends" })
        {
            using var response = await gateway.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Among_callers_it_is_for_administrators_and_at_its_own_port_for_whoever_gets_there()
    {
        string[] operators = ["/health", "/metrics", "/swagger", "/swagger/index.html", "/swagger/index.js", "/openapi/v1.json"];
        await using var shared = await MemoryGateway.StartAsync(("Identity:Anonymous", "false"));
        await using var apart = await StartAsync(("Identity:Anonymous", "false"));

        foreach (var path in operators)
        {
            using var refused = await shared.GetAsync(path);
            await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.Unauthorized, "unauthorized");
            Assert.InRange(await AskAsync(apart, path, atManagement: true), 200, 302);
        }

        Assert.Equal((200, 200), (await AskAsync(apart, "/health/live"), await AskAsync(apart, "/problems")));
        using var probe = await shared.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
    }

    [Theory]
    [InlineData("files /** list read write delete", HttpStatusCode.Forbidden)]
    [InlineData("files /** admin", HttpStatusCode.OK)]
    public async Task Among_callers_the_right_admin_is_what_it_takes(string rule, HttpStatusCode expected)
    {
        await using var gateway = await KeyedGateway.StartAsync(rule);

        foreach (var path in new[] { "/health", "/metrics", "/openapi/v1.json" })
        {
            using var response = await gateway.SendAsync(HttpMethod.Get, path);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task Swagger_at_the_operators_port_calls_the_gateway_at_the_public_one()
    {
        await using var gateway = await StartAsync();
        var address = new Uri($"http://127.0.0.1:{ManagementPort(gateway)}/");

        var document = JsonDocument.Parse(await gateway.Client.GetStringAsync(new Uri(address, "openapi/v1.json")));
        using var page = await gateway.Client.GetAsync(new Uri(address, "swagger/index.html"));

        var server = document.RootElement.GetProperty("servers")[0].GetProperty("url").GetString();
        Assert.Equal(gateway.BaseAddress.AbsoluteUri, server);
        Assert.EndsWith("connect-src 'self' " + server!.TrimEnd('/'), page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoints_of_Kestrels_configuration_are_kept_apart_as_well()
    {
        await using var gateway = await StartAsync(("Kestrel:Endpoints:Public:Url", "http://127.0.0.1:0"));
        Assert.Equal((404, 200), (await AskAsync(gateway, "/health"), await AskAsync(gateway, "/health", atManagement: true)));
        Assert.Equal((200, 404), (await AskAsync(gateway, "/v1/backends"), await AskAsync(gateway, "/v1/backends", atManagement: true)));
    }

    [Fact]
    public async Task Every_route_is_in_the_table_of_surfaces()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var routes = gateway.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/')).ToList();

        Assert.True(routes.Count > 10);
        Assert.All(routes, route => Assert.Equal(
            route.StartsWith("/v1/", StringComparison.Ordinal), Surfaces.Of(new PathString(route)) == Api.Management.Surface.Public));
    }

    [Fact]
    public async Task A_port_that_callers_use_is_an_error_of_the_configuration()
    {
        var port = FreePort.Next();
        var exception = await Assert.ThrowsAsync<InvalidConfigurationException>(() => GatewayHost.StartAsync(
            [KeyValuePair.Create("Gateway:Management:Port", (string?)port.ToString(CultureInfo.InvariantCulture))], url: $"http://127.0.0.1:{port}"));
        Assert.Contains($"Gateway:Management:Port: It is {port}, where callers are listened for, too", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_somebody_else_uses_is_named_and_ends_the_start()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var port = ((IPEndPoint)other.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);

        var (exitCode, output) = await GatewayProcess.RunAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Gateway__Management__Port"] = port, ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" });

        Assert.Equal(1, exitCode);
        Assert.Contains($"The gateway cannot start: Failed to bind to address http://127.0.0.1:{port}: address already in use.", output, StringComparison.Ordinal);
    }

    private static async Task<GatewayHost> StartAsync(params (string Key, string? Value)[] settings)
    {
        var gateway = await MemoryGateway.StartAsync([.. settings, ("Management:Port", FreePort.Next().ToString(CultureInfo.InvariantCulture))]);
        await gateway.Host.WaitUntilReadyAsync();
        return gateway.Host;
    }

    private static int ManagementPort(GatewayHost gateway) => gateway.Services.GetRequiredService<ManagementPort>().Number!.Value;

    private static int PublicPort(GatewayHost gateway) => gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
        .Select(address => new Uri(address).Port).Single(port => port != ManagementPort(gateway));

    private static async Task<int> AskAsync(GatewayHost gateway, string path, bool atManagement = false)
    {
        var port = atManagement ? ManagementPort(gateway) : PublicPort(gateway);
        using var response = await gateway.Client.GetAsync(new Uri(
            $"http://127.0.0.1:{port}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        return (int)response.StatusCode;
    }
}
