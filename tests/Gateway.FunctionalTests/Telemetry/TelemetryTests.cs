using System.Globalization;
using System.Net;
using System.Text;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;
using Gateway.Testing.Telemetry;

namespace Gateway.FunctionalTests.Telemetry;

/// <summary>Spans and meters of a gateway process as an OpenTelemetry collector gets them, over real file servers.</summary>
public sealed class TelemetryTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string CallerId = "b7ad6b7169203331";
    private const string Quickly = "200";

    [Theory]
    [InlineData("sftp", "http/protobuf")]
    [InlineData("ftps", "grpc")]
    public async Task The_way_of_a_download_is_spans_below_the_callers_traceparent(string protocol, string transport)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using TestServer server = protocol == "sftp" ? await SshServer.StartAsync() : await VsftpdServer.StartAsync();
        server.Files.Write("/salaries", "hello"u8.ToArray());
        await using var gateway = await StartAsync(server, receiver, transport);

        using var response = await GetAsync(gateway, "salaries");
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());

        var opening = protocol == "sftp" ? "sftp.open" : "ftp.data.connect";
        await Eventually.HoldsAsync(() => Spans(receiver).Count(span => span.Name is "pool.acquire" or "connection.open" || span.Name == opening) == 3
            && Spans(receiver).Any(span => span.Scope == "Microsoft.AspNetCore"));
        var spans = Spans(receiver);
        var request = spans.Single(span => span.Scope == "Microsoft.AspNetCore");
        var acquire = spans.Single(span => span.Name == "pool.acquire");
        var login = spans.Single(span => span.Name == "connection.open");
        var open = spans.Single(span => span.Name == opening);
        Assert.Equal((CallerId, request.SpanId, acquire.SpanId, request.SpanId), (request.ParentId, acquire.ParentId, login.ParentId, open.ParentId));
        Assert.Equal("GET /v1/backends/{backend}/files/{**path}", request.Name);
        Assert.Equal(("GET", "200", "real"), (request.Tags["http.request.method"], request.Tags["http.response.status_code"], request.Tags["gateway.backend"]));
        foreach (var span in new[] { login, open })
        {
            Assert.Equal((server.Host, server.Port.ToString(CultureInfo.InvariantCulture)), (span.Tags["server.address"], span.Tags["server.port"]));
        }

        Assert.DoesNotContain(spans, span => span.IsError);
        Assert.Equal(("files-gateway", "test"), (request.Resource["service.name"], request.Resource["deployment.environment"]));
        Assert.Contains("letmein", receiver.Keys);
        Assert.All(receiver.Bodies, body => Assert.DoesNotContain("salaries", Encoding.UTF8.GetString(body), StringComparison.Ordinal));
        Assert.All(receiver.Bodies, body => Assert.DoesNotContain(server.Password, Encoding.UTF8.GetString(body), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sftp", "sftp.open", "not_found", 404)]
    [InlineData("ftps", "connection.open", "authentication_failed", 502)]
    public async Task What_fails_says_why(string protocol, string name, string error, int status)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using TestServer server = protocol == "sftp" ? await SshServer.StartAsync() : await VsftpdServer.StartAsync();
        await using var gateway = await StartAsync(
            server, receiver, "http/protobuf", ("Gateway__Backends__real__Password", protocol == "sftp" ? server.Password : "wrong"));

        using var response = await GetAsync(gateway, "missing");

        Assert.Equal(status, (int)response.StatusCode);
        await Eventually.HoldsAsync(() => Spans(receiver).Any(span => span.Name == name) && Spans(receiver).Any(span => span.Scope == "Microsoft.AspNetCore"));
        var failed = Spans(receiver).Last(span => span.Name == name);
        Assert.Equal((true, error), (failed.IsError, failed.Tags["error.type"]));
        Assert.Equal(status >= 500, Spans(receiver).Single(span => span.Scope == "Microsoft.AspNetCore").IsError);
    }

    [Fact]
    public async Task Meters_of_pools_transfers_and_requests_arrive()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = await SshServer.StartAsync();
        server.Files.Write("/a", new byte[1000]);
        await using var gateway = await StartAsync(server, receiver, "http/protobuf");
        using (var response = await GetAsync(gateway, "a"))
        {
            await response.Content.ReadAsByteArrayAsync();
        }

        OtlpPoint? Find(string name, string tags = "") => receiver.Points.LastOrDefault(point => point.Name == name
            && tags.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(tag => point.Tags.GetValueOrDefault(tag.Split('=')[0]) == tag.Split('=')[1]));
        // The request is counted when it has ended, and so may come an export later than its transfer.
        await Eventually.HoldsAsync(() => Find("gateway.transfer.duration", "gateway.backend=real gateway.transfer.outcome=completed")?.Value == 1
            && Find("gateway.pool.connections", "gateway.backend=real gateway.pool.state=idle")?.Value == 1
            && Find("http.server.request.duration", "http.route=/v1/backends/{backend}/files/{**path}")?.Value >= 1
            && Find("kestrel.active_connections") is not null
            && Find("dotnet.process.memory.working_set") is not null);

        Assert.Equal(1000, Find("gateway.transfer.size", "gateway.backend=real gateway.transfer.direction=download")!.Value);
        Assert.Equal("By", Find("gateway.transfer.size")!.Unit);
        Assert.Equal(8, Find("gateway.pool.connections.max", "gateway.backend=real")!.Value);
        Assert.Equal(1, Find("gateway.connection.open.duration", "gateway.backend=real")!.Value);
        Assert.Equal(30, Find("gateway.pool.acquire.duration", "gateway.backend=real")!.Bounds[^1]);
    }

    [Fact]
    public async Task The_last_spans_leave_before_the_gateway_does()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = await SshServer.StartAsync();
        server.Files.Write("/a", "hello"u8.ToArray());
        await using var gateway = await StartAsync(server, receiver, "http/protobuf", ("OTEL_BSP_SCHEDULE_DELAY", "600000"), ("OTEL_METRIC_EXPORT_INTERVAL", "600000"));
        using var response = await GetAsync(gateway, "a");

        gateway.Terminate();

        Assert.Equal(0, await gateway.WaitForExitAsync());
        Assert.Contains(Spans(receiver), span => span.Scope == "Microsoft.AspNetCore");
        Assert.Contains(receiver.Points, point => point.Name == "gateway.transfer.size");
    }

    [Fact]
    public async Task A_collector_that_is_down_is_told_of_and_holds_nothing_up()
    {
        await using var server = await SshServer.StartAsync();
        server.Files.Write("/a", "hello"u8.ToArray());
        await using var gateway = await StartAsync(server, null, "http/protobuf");
        for (var i = 0; i < 3; i++)
        {
            using var response = await GetAsync(gateway, "a");
            Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        }

        await Eventually.HoldsAsync(() => gateway.Output.Contains("OpenTelemetry: ", StringComparison.Ordinal));
        gateway.Terminate();
        Assert.Equal(0, await gateway.WaitForExitAsync());
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true", false, false)]
    [InlineData("OTEL_TRACES_EXPORTER", "none", false, true)]
    [InlineData("OTEL_METRICS_EXPORTER", "none", true, false)]
    [InlineData("OTEL_TRACES_SAMPLER", "always_off", false, true)]
    public async Task The_standard_variables_turn_signals_off(string variable, string value, bool spans, bool points)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = await SshServer.StartAsync();
        server.Files.Write("/a", "hello"u8.ToArray());
        await using var gateway = await StartAsync(server, receiver, "http/protobuf", (variable, value));
        using var response = await GetAsync(gateway, "a");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        gateway.Terminate();

        Assert.Equal(0, await gateway.WaitForExitAsync());
        Assert.Equal((spans, points), (receiver.Spans.Count > 0, receiver.Points.Count > 0));
    }

    [Fact]
    public async Task An_endpoint_of_one_signal_is_for_that_signal()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = await SshServer.StartAsync();
        server.Files.Write("/a", "hello"u8.ToArray());
        await using var gateway = await StartAsync(
            server, receiver, "http/protobuf", ("OTEL_EXPORTER_OTLP_ENDPOINT", null), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", receiver.HttpEndpoint + "v1/traces"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", null), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-key=of-traces"));
        using var response = await GetAsync(gateway, "a");

        await Eventually.HoldsAsync(() => Spans(receiver).Any(span => span.Name == "pool.acquire"));
        gateway.Terminate();
        Assert.Equal(0, await gateway.WaitForExitAsync());
        Assert.Empty(receiver.Points);
        Assert.All(receiver.Keys, key => Assert.Equal("of-traces", key));
    }

    [Fact]
    public async Task Health_checks_make_no_spans()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = await SshServer.StartAsync();
        await using var gateway = await StartAsync(server, receiver, "http/protobuf");
        foreach (var path in new[] { "/health", "/health/live", "/health/ready", "/metrics", "/v1/backends" })
        {
            using var response = await gateway.Client.GetAsync(new Uri(path, UriKind.Relative));
        }

        gateway.Terminate();

        Assert.Equal(0, await gateway.WaitForExitAsync());
        Assert.Equal("GET /v1/backends", Assert.Single(receiver.Spans, span => span.Scope == "Microsoft.AspNetCore").Name);
    }

    private static List<OtlpSpan> Spans(OtlpReceiver receiver) => [.. receiver.Spans.Where(span => span.TraceId == TraceId)];

    private static async Task<HttpResponseMessage> GetAsync(GatewayProcess gateway, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/backends/real/files/" + path, UriKind.Relative));
        request.Headers.Add("traceparent", $"00-{TraceId}-{CallerId}-01");
        return await gateway.Client.SendAsync(request);
    }

    /// <summary>Without a connection of its own: the request's is made for it.</summary>
    private static Task<GatewayProcess> StartAsync(TestServer server, OtlpReceiver? receiver, string transport, params (string Key, string? Value)[] more)
    {
        var endpoint = receiver is null ? new Uri($"http://127.0.0.1:{FreePort.Next()}") : transport == "grpc" ? receiver.GrpcEndpoint : receiver.HttpEndpoint;
        var environment = GatewayEnvironment.For(server, "real");
        environment["Gateway__Backends__real__Pool__MinConnections"] = "0";
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint.ToString();
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = transport;
        environment["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=letmein";
        environment["OTEL_SERVICE_NAME"] = "files-gateway";
        environment["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=test";
        environment["OTEL_BSP_SCHEDULE_DELAY"] = Quickly;
        environment["OTEL_METRIC_EXPORT_INTERVAL"] = Quickly;
        foreach (var (key, value) in more)
        {
            environment[key] = value;
        }

        return GatewayProcess.StartAsync(environment);
    }
}
