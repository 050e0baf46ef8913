using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Gateway.Broker.Backends;
using Gateway.FunctionalTests.EndToEnd;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Http;

/// <summary>A real nginx, by the configuration in <c>deploy/nginx</c>, in front of the gateway.</summary>
public sealed class NginxTests
{
    private const int MiB = 1024 * 1024;

    private static readonly (string, string?) Trusted = ("Proxies:Known:0", "127.0.0.1");

    [Theory]
    [InlineData("1.1", "sftp")]
    [InlineData("2.0", "sftp")]
    [InlineData("1.1", "ftps")]
    public async Task Big_bodies_go_both_ways_and_nothing_is_kept_on_the_way(string version, string protocol)
    {
        await using TestServer server = protocol == "sftp" ? await SshServer.StartAsync() : await VsftpdServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(GatewayEnvironment.For(server, "real"));
        await using var nginx = await NginxProxy.StartAsync(gateway.Client.BaseAddress!);
        using var client = nginx.CreateClient(Version.Parse(version));
        var url = new Uri("/v1/backends/real/files/big", UriKind.Relative);

        using var body = new GeneratedContent(200L * MiB);
        using var created = await client.PutAsync(url, body);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);

        using var download = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200L * MiB, download.Content.Headers.ContentLength);
        await using var stream = await download.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[1]);
        Assert.Empty(nginx.SpooledFiles);
        using var again = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(body.Hash, await SHA256.HashDataAsync(await again.Content.ReadAsStreamAsync()));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_chunked_upload_arrives_while_it_is_sent(string version)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var nginx = await NginxProxy.StartAsync(gateway.Host.BaseAddress);
        using var client = nginx.CreateClient(Version.Parse(version));
        var goOn = new TaskCompletionSource();
        var upload = client.PutAsync(Url("files/a"), new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[4 * MiB]);
            await stream.FlushAsync();
            await goOn.Task;
            await stream.WriteAsync(new byte[MiB]);
        }));

        // Before its end: nginx keeps nothing back.
        await Eventually.HoldsAsync(async () => (await gateway.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative)))
            .Contains("gateway_transfer_size_bytes_total{gateway_backend=\"files\",gateway_transfer_direction=\"upload\"}", StringComparison.Ordinal));
        Assert.Empty(nginx.SpooledFiles);
        goOn.SetResult();

        using var created = await upload;
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(5 * MiB, (await client.GetByteArrayAsync(Url("files/a"))).Length);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task An_upload_that_its_caller_breaks_off_leaves_nothing(string version)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var nginx = await NginxProxy.StartAsync(gateway.Host.BaseAddress);
        using var client = nginx.CreateClient(Version.Parse(version));
        using var leave = new CancellationTokenSource();
        var upload = client.PutAsync(Url("files/a"), new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[4 * MiB]);
            await stream.FlushAsync();
            await Task.Delay(Timeout.Infinite, leave.Token);
        }), leave.Token);
        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 1);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 0);
        Assert.DoesNotContain("/a", gateway.Backend.Paths);
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("2.0", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", true)]
    public async Task A_download_that_the_backend_breaks_off_looks_broken(string version, bool chunked)
    {
        await using var gateway = await MemoryGateway.StartAsync();

        // nginx takes no trailers, and so asks for none; with this the gateway sends a body without a length.
        await using var nginx = await NginxProxy.StartAsync(gateway.Host.BaseAddress, configuration => chunked
            ? configuration.Replace("proxy_set_header Connection \"\";", "proxy_set_header Connection \"\"; proxy_set_header TE trailers;", StringComparison.Ordinal)
            : configuration);
        using var client = nginx.CreateClient(Version.Parse(version));
        gateway.Backend.AddFile("/a", new byte[8 * MiB]);
        var reads = 0;
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.Read && Interlocked.Increment(ref reads) > 20
            ? throw new BackendException(BackendError.ConnectionLost, "The connection was lost.")
            : default;
        using var request = new HttpRequestMessage(HttpMethod.Get, Url("files/a"));
        if (chunked)
        {
            request.Headers.Add("Want-Repr-Digest", "sha-256=1");
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(chunked ? null : 8L * MiB, response.Content.Headers.ContentLength);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
        Assert.True(reads > 20);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_refusal_of_a_big_upload_reaches_its_caller(string version)
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:ReadOnly", "true"));
        await using var nginx = await NginxProxy.StartAsync(gateway.Host.BaseAddress);
        using var client = nginx.CreateClient(Version.Parse(version));
        using var request = new HttpRequestMessage(HttpMethod.Put, Url("files/a")) { Content = new GeneratedContent(50L * MiB) };
        request.Headers.ExpectContinue = true;

        using var response = await client.SendAsync(request);

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Forbidden, "read-only");
    }

    [Fact]
    public async Task Ranges_and_conditions_pass()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var nginx = await NginxProxy.StartAsync(gateway.Host.BaseAddress);
        using var client = nginx.CreateClient(HttpVersion.Version11);
        gateway.Backend.AddFile("/a b/\u00FC%.txt", [.. Enumerable.Range(0, 10_000).Select(i => (byte)('0' + (i % 10)))]);
        var url = Url("files/a%20b/%C3%BC%25.txt");

        using var whole = await client.GetAsync(url);
        using var part = await SendAsync(request => request.Headers.Range = new RangeHeaderValue(2, 4));
        using var parts = await SendAsync(request => request.Headers.TryAddWithoutValidation("Range", "bytes=0-1,9000-9001"));
        using var none = await SendAsync(request => request.Headers.Range = new RangeHeaderValue(99_999, null));
        using var same = await SendAsync(request => request.Headers.IfNoneMatch.Add(whole.Headers.ETag!));

        Assert.StartsWith("0123456789012", await whole.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("bytes 2-4/10000 234", $"{part.Content.Headers.ContentRange} {await part.Content.ReadAsStringAsync()}");
        Assert.Equal(HttpStatusCode.PartialContent, parts.StatusCode);
        Assert.Equal("multipart/byteranges", parts.Content.Headers.ContentType!.MediaType);
        Assert.Equal("bytes */10000", none.Content.Headers.ContentRange!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);

        async Task<HttpResponseMessage> SendAsync(Action<HttpRequestMessage> prepare)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            prepare(request);
            return await client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Callers_and_nginx_keep_their_connections()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        await using var nginx = await NginxProxy.StartAsync(gateway.Host.BaseAddress);
        using var client = nginx.CreateClient(HttpVersion.Version11);
        for (var i = 0; i < 20; i++)
        {
            using var put = await client.PutAsync(Url("files/a"), new ByteArrayContent(new byte[100_000]));
            using var get = await client.GetAsync(Url("files/a"));
            Assert.Equal(100_000, (await get.Content.ReadAsByteArrayAsync()).Length);
            Assert.Null(get.Headers.ConnectionClose);
        }

        // One of nginx, kept for the next request; one of the question.
        var metrics = await gateway.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var active = metrics.Split('\n').Where(line => line.StartsWith("kestrel_active_connections{", StringComparison.Ordinal)).Sum(line => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(active, 1, 3);
    }

    [Fact]
    public async Task What_callers_say_of_themselves_is_not_believed()
    {
        await using var gateway = await MemoryGateway.StartAsync(Trusted);
        await using var nginx = await NginxProxy.StartAsync(gateway.Host.BaseAddress);
        using var client = nginx.CreateClient(HttpVersion.Version11);
        client.DefaultRequestHeaders.Add("X-Forwarded-Prefix", "/evil");
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil.example.com");
        using var put = await client.PutAsync(Url("files/a%20b"), new ByteArrayContent([1]));
        Assert.Equal("/v1/backends/files/files/a%20b", put.Headers.NonValidated["Location"].ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Below_a_prefix_locations_and_links_lead_back_through_nginx(bool trusted)
    {
        await using var gateway = await (trusted ? MemoryGateway.StartAsync(Trusted) : MemoryGateway.StartAsync());
        await using var nginx = await NginxProxy.StartAsync(gateway.Host.BaseAddress, configuration => configuration
            .Replace("location / {", "location /store/ {", StringComparison.Ordinal)
            .Replace("proxy_pass http://gateway;", "proxy_pass http://gateway/;", StringComparison.Ordinal)
            .Replace("X-Forwarded-Prefix \"\"", "X-Forwarded-Prefix /store", StringComparison.Ordinal));
        using var client = nginx.CreateClient(HttpVersion.Version11);
        using var put = await client.PutAsync(new Uri("/store/v1/backends/files/files/a", UriKind.Relative), new ByteArrayContent([1]));
        using var other = await client.PutAsync(new Uri("/store/v1/backends/files/files/b", UriKind.Relative), new ByteArrayContent([1]));
        using var page = await client.GetAsync(new Uri("/store/v1/backends/files/directories/?limit=1", UriKind.Relative));

        var prefix = trusted ? "/store" : "";
        Assert.Equal(prefix + "/v1/backends/files/files/a", put.Headers.NonValidated["Location"].ToString());
        var link = page.Headers.NonValidated["Link"].ToString();
        Assert.StartsWith($"<{prefix}/v1/backends/files/directories", link, StringComparison.Ordinal);
        if (trusted)
        {
            using var next = await client.GetAsync(new Uri(link[1..link.IndexOf('>', StringComparison.Ordinal)], UriKind.Relative));
            Assert.Contains("\"b\"", await next.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private static Uri Url(string path) => new(MemoryGateway.Base + path, UriKind.Relative);
}
