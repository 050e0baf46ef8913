using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Certificates;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.Http;

/// <summary>HTTP/2 over TLS behaves as HTTP/1.1 does.</summary>
public sealed class Http2Tests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly MemoryBackend _backend = new();
    private HttpClient _client = null!;
    private GatewayHost _gateway = null!;

    public async Task InitializeAsync()
    {
        using var authority = new TestCertificateAuthority();
        var certificate = authority.CreateServerCertificate();
        _gateway = await GatewayHost.StartAsync(
            new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["files"] = _backend, ["hasty"] = _backend },
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Kestrel:Certificates:Default:Path"] = _folder.Write("gateway.pem", certificate.CertificatePem),
                ["Kestrel:Certificates:Default:KeyPath"] = _folder.WriteSecret("gateway.key", certificate.PrivateKeyPem),
                ["Backends:hasty:Transfers:StallTimeout"] = "00:00:01",
            },
            url: "https://127.0.0.1:0");
        _client = CreateClient(certificate, new Uri(_gateway.BaseAddress, MemoryGateway.Base));
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Files_go_both_ways_many_at_once_on_one_connection()
    {
        var files = Enumerable.Range(0, 20).Select(i => RandomNumberGenerator.GetBytes(i * 150_000)).ToList();

        await Task.WhenAll(files.Select(async (content, i) =>
        {
            using var created = await _client.PutAsync(new Uri($"files/f%20{i}", UriKind.Relative), new ByteArrayContent(content));
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            Assert.Equal(HttpVersion.Version20, created.Version);
            Assert.Equal(content, await _client.GetByteArrayAsync(new Uri($"files/f%20{i}", UriKind.Relative)));
        }));
    }

    [Fact]
    public async Task A_failure_half_way_resets_the_stream_and_spares_the_others()
    {
        _backend.AddFile("/bad", new byte[1_000_000]);
        _backend.AddFile("/good", new byte[1_000_000]);
        var reads = 0;
        _backend.Before = (operation, path, _) => operation == MemoryOperation.Read && path.Name == "bad" && ++reads == 5
            ? throw new BackendException(BackendError.ConnectionLost, "Lost.")
            : default;

        using var bad = await _client.GetAsync(new Uri("files/bad", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var good = await _client.GetAsync(new Uri("files/good", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

        await Assert.ThrowsAnyAsync<Exception>(() => bad.Content.ReadAsByteArrayAsync());
        Assert.Equal(1_000_000, (await good.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task Problems_ranges_and_HEAD_are_the_same()
    {
        _backend.AddFile("/a", "hello"u8.ToArray());

        using var missing = await _client.GetAsync(new Uri("files/missing", UriKind.Relative));
        await MemoryGateway.ReadProblemAsync(missing, HttpStatusCode.NotFound, "not-found");
        using var request = Create(HttpMethod.Get, "files/a");
        request.Headers.Range = new(1, 2);
        using var range = await _client.SendAsync(request);
        Assert.Equal("el", await range.Content.ReadAsStringAsync());
        using var head = await _client.SendAsync(Create(HttpMethod.Head, "files/a"));
        Assert.Equal(5, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_digest_follows_a_body_of_known_length()
    {
        var content = RandomNumberGenerator.GetBytes(1_000_000);
        _backend.AddFile("/a", content);
        using var request = Create(HttpMethod.Get, "files/a");
        request.Headers.Add("Want-Repr-Digest", "sha-256=10");
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(content.Length, response.Content.Headers.ContentLength);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(
            $"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:", response.TrailingHeaders.NonValidated["Repr-Digest"].ToString());
    }

    [Fact]
    public async Task Several_ranges_are_the_same()
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        _backend.AddFile("/a", content);
        using var request = Create(HttpMethod.Get, "files/a");
        request.Headers.TryAddWithoutValidation("Range", "bytes=-10,0-99999");
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        var parts = await Multipart.ReadAsync(response);
        Assert.Equal([content[^10..], content[..100_000]], parts.Select(part => part.Content));
    }

    [Fact]
    public async Task A_caller_that_stops_reading_loses_its_stream_and_a_caller_that_stops_sending_gets_408()
    {
        _backend.AddFile("/big", new byte[64 * 1024 * 1024]);
        using var stalled = await _client.GetAsync(new Uri("../hasty/files/big", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await Eventually.HoldsAsync(() => _gateway.Logs.Lines.Any(line => line.EventId == 1300));
        await Eventually.HoldsAsync(() => _backend.OpenReads == 0);

        using var silence = new StalledContent();
        using var timeout = await _client.PutAsync(new Uri("../hasty/files/a", UriKind.Relative), silence);
        await MemoryGateway.ReadProblemAsync(timeout, HttpStatusCode.RequestTimeout, "request-timeout");
        Assert.Equal(0, _backend.OpenUploads);
    }

    /// <summary>The client's default version is not that of a request made by hand.</summary>
    private static HttpRequestMessage Create(HttpMethod method, string url) =>
        new(method, url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private static HttpClient CreateClient(TestCertificate expected, Uri address)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is X509Certificate2 actual && expected.CertificatePem.Contains(actual.ExportCertificatePem(), StringComparison.Ordinal);
        return new HttpClient(handler)
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>A few bytes, and then none for ever.</summary>
    private sealed class StalledContent : HttpContent
    {
        private readonly CancellationTokenSource _end = new();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("hello"u8.ToArray());
            await stream.FlushAsync();
            await Task.Delay(Timeout.Infinite, _end.Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _end.Cancel();
            base.Dispose(disposing);
        }
    }
}
