using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Gateway.Testing.Telemetry;

/// <summary>What a program's exporter talks to: takes OTLP, over HTTP with protobuf and over gRPC without TLS, and keeps what arrived.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly ConcurrentQueue<OtlpPoint> _points = new();
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly ConcurrentQueue<string> _keys = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>Where OTLP over HTTP goes.</summary>
    public Uri HttpEndpoint => new(_app.Urls.First());

    /// <summary>Where OTLP over gRPC goes.</summary>
    public Uri GrpcEndpoint => new(_app.Urls.Last());

    /// <summary>Spans that arrived.</summary>
    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    /// <summary>Points that arrived.</summary>
    public IReadOnlyList<OtlpPoint> Points => [.. _points];

    /// <summary>Every body that arrived, as it came.</summary>
    public IReadOnlyList<byte[]> Bodies => [.. _bodies];

    /// <summary>The values of the header <c>x-key</c> that came with them.</summary>
    public IReadOnlyList<string> Keys => [.. _keys];

    /// <summary>Starts a receiver on free ports of loopback.</summary>
    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(System.Net.IPAddress.Loopback, 0);
            server.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        var receiver = new OtlpReceiver(builder.Build());
        receiver._app.MapPost("/v1/traces", context => receiver.TakeAsync(context, receiver.ReadSpans));
        receiver._app.MapPost("/v1/metrics", context => receiver.TakeAsync(context, receiver.ReadPoints));
        receiver._app.MapPost("/opentelemetry.proto.collector.trace.v1.TraceService/Export", context => receiver.TakeCallAsync(context, receiver.ReadSpans));
        receiver._app.MapPost("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", context => receiver.TakeCallAsync(context, receiver.ReadPoints));
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, Action<byte[]> read)
    {
        read(await ReadBodyAsync(context));
        context.Response.ContentType = "application/x-protobuf";
    }

    /// <summary>A message in gRPC is preceded by a flag and its length; the status comes behind the body.</summary>
    private async Task TakeCallAsync(HttpContext context, Action<byte[]> read)
    {
        var body = await ReadBodyAsync(context);
        read(body[5..(5 + BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)))]);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _keys.Enqueue(context.Request.Headers["x-key"].ToString());
        return body.ToArray();
    }

    private void ReadSpans(byte[] body)
    {
        _bodies.Enqueue(body);
        OtlpMessages.ReadSpans(body, _spans.Enqueue);
    }

    private void ReadPoints(byte[] body)
    {
        _bodies.Enqueue(body);
        OtlpMessages.ReadPoints(body, _points.Enqueue);
    }
}
