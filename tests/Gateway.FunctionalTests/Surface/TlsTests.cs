using System.Net;
using System.Security.Authentication;
using Gateway.Api.Configuration;
using Gateway.FunctionalTests.Http;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Surface;

/// <summary>TLS that the gateway ends itself.</summary>
public sealed class TlsTests
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_versions_of_HTTP_are_spoken(string version)
    {
        await using var gateway = await TlsGateway.StartAsync();
        gateway.Backend.AddFile("/a", "content"u8.ToArray());
        using var client = gateway.CreateClient(Version.Parse(version));

        using var response = await client.GetAsync(new Uri("/v1/backends/files/files/a", UriKind.Relative));

        Assert.Equal("content", await response.Content.ReadAsStringAsync());
        Assert.Equal(Version.Parse(version), response.Version);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Today_s_versions_of_TLS_are_offered_with_the_whole_chain(SslProtocols version)
    {
        await using var gateway = await TlsGateway.StartAsync();
        var (thumbprint, certificates, agreed) = await gateway.HandshakeAsync(version);
        Assert.Equal(TlsGateway.Thumbprint(await File.ReadAllTextAsync(gateway.CertificateFile)), thumbprint);
        Assert.Equal((2, version), (certificates, agreed));
    }

    [Fact]
    public async Task A_new_certificate_is_shown_without_a_restart_and_what_is_under_way_ends_well()
    {
        await using var gateway = await TlsGateway.StartAsync();
        var content = new byte[3_000_000];
        Random.Shared.NextBytes(content);
        gateway.Backend.AddFile("/a", content);
        var (isReading, goOn, reads) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        gateway.Backend.Before = async (operation, _, token) =>
        {
            if (operation == MemoryOperation.Read && Interlocked.Increment(ref reads) == 3)
            {
                isReading.SetResult();
                await goOn.Task.WaitAsync(token);
            }
        };
        using var client = gateway.CreateClient(HttpVersion.Version11);
        var download = client.GetByteArrayAsync(new Uri("/v1/backends/files/files/a", UriKind.Relative));
        await isReading.Task;
        var (old, _, _) = await gateway.HandshakeAsync();

        var next = gateway.Rotate();
        await Eventually.HoldsAsync(async () => (await gateway.HandshakeAsync()).Thumbprint == next, "the new certificate is shown");

        // Longer than a restarted endpoint would have left it.
        Assert.NotEqual(old, next);
        Assert.False(download.IsCompleted);
        goOn.SetResult();
        Assert.Equal(content, await download);
        using var again = await client.GetAsync(new Uri("/health/live", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Files_that_do_not_fit_each_other_are_told_and_the_old_ones_stay()
    {
        await using var gateway = await TlsGateway.StartAsync();
        var (old, _, _) = await gateway.HandshakeAsync();

        var next = gateway.Rotate(await File.ReadAllTextAsync(gateway.KeyFile));
        await Eventually.HoldsAsync(() => gateway.Host.Logs.Lines.Any(line => line.EventId == 1212), "the files are refused");

        Assert.Equal(old, (await gateway.HandshakeAsync()).Thumbprint);
        Assert.NotEqual(old, next);
        var last = gateway.Rotate();
        await Eventually.HoldsAsync(async () => (await gateway.HandshakeAsync()).Thumbprint == last, "the next pair is shown");
    }

    [Fact]
    public async Task An_endpoint_may_have_a_certificate_of_its_own()
    {
        var own = "";
        await using var gateway = await TlsGateway.StartAsync((tls, settings) =>
        {
            tls.Folder.Write("own.crt", File.ReadAllText(tls.CertificateFile));
            tls.Folder.WriteSecret("own.key", File.ReadAllText(tls.KeyFile));
            own = TlsGateway.Thumbprint(File.ReadAllText(tls.CertificateFile));
            settings["Kestrel:Endpoints:Public:Url"] = "https://127.0.0.1:0";
            settings["Kestrel:Endpoints:Public:Certificate:Path"] = tls.Folder["own.crt"];
            settings["Kestrel:Endpoints:Public:Certificate:KeyPath"] = tls.Folder["own.key"];
            tls.Rotate();
        });
        Assert.Equal(own, (await gateway.HandshakeAsync()).Thumbprint);
    }

    [Fact]
    public async Task Plain_HTTP_beside_it_is_refused_and_never_redirected()
    {
        await using var gateway = await TlsGateway.StartAsync((_, settings) => settings["Proxies:Known:0"] = "127.0.0.1");
        var plain = new Uri(gateway.Host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(url => url.StartsWith("http:", StringComparison.Ordinal)));
        using var client = gateway.CreateClient(HttpVersion.Version11);
        using var forwarded = new HttpRequestMessage(HttpMethod.Get, new Uri(plain, "/v1/backends"));
        forwarded.Headers.Add("X-Forwarded-For", "203.0.113.9");
        forwarded.Headers.Add("X-Forwarded-Proto", "https");

        using var refused = await client.GetAsync(new Uri(plain, "/v1/backends"));
        using var probe = await client.GetAsync(new Uri(plain, "/health/ready"));
        using var behindProxy = await client.SendAsync(forwarded);

        var problem = await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.BadRequest, "invalid-request");
        Assert.Contains("https://", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Null(refused.Headers.Location);
        Assert.NotEqual(HttpStatusCode.BadRequest, probe.StatusCode);
        Assert.Equal(HttpStatusCode.OK, behindProxy.StatusCode);
    }

    [Theory]
    [InlineData("Kestrel:Certificates:Default:Path", "/nowhere/tls.crt", "Kestrel:Certificates:Default:Path: The file does not exist.")]
    [InlineData("Kestrel:Certificates:Default:KeyPath", "/nowhere/tls.key", "Kestrel:Certificates:Default:KeyPath: The file does not exist.")]
    [InlineData("Kestrel:Certificates:Default:KeyPath", null, "Kestrel:Certificates:Default:Path: There is no certificate that fits its key")]
    [InlineData("Kestrel:EndpointDefaults:SslProtocols:0", "Tls11", "Kestrel:EndpointDefaults:SslProtocols:0: Not offered")]
    [InlineData("Kestrel:Endpoints:Public:SslProtocols:0", "None", "Kestrel:Endpoints:Public:SslProtocols:0: Not offered")]
    [InlineData("Kestrel:Endpoints:Public:Sni:x:SslProtocols:0", "Tls", "Kestrel:Endpoints:Public:Sni:x:SslProtocols:0: Not offered")]
    public async Task What_cannot_be_used_ends_the_start(string key, string? value, string message)
    {
        var exception = await Assert.ThrowsAsync<InvalidConfigurationException>(() => TlsGateway.StartAsync((_, settings) => settings[key] = value));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_a_certificate_ends_the_start()
    {
        var exception = await Assert.ThrowsAsync<InvalidConfigurationException>(() => TlsGateway.StartAsync((_, settings) => settings.Clear()));
        Assert.Contains("Kestrel:Certificates:Default:Path: Missing; https://127.0.0.1:0 needs a certificate", exception.Message, StringComparison.Ordinal);
    }
}
