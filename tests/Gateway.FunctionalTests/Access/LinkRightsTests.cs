using System.Net;
using System.Net.Http.Json;
using Gateway.Api.Configuration;
using Gateway.Api.Links;
using Gateway.FunctionalTests.Http;
using Gateway.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Access;

/// <summary>Links of callers with few rights: a link is never worth more than what its maker may do when it is used.</summary>
public sealed class LinkRightsTests
{
    [Fact]
    public async Task A_link_is_made_by_who_may_do_it_and_for_nothing_more()
    {
        await using var gateway = await StartAsync("files /a/** read", "files /in/* write");
        foreach (var (path, method, status) in new[]
        {
            ("/a/b", "GET", 201), ("/in/x", "PUT", 201), ("/a/b", "PUT", 403), ("/in/x", "GET", 403), ("/ab", "GET", 404), ("/other", "PUT", 404), ("/a/../ab", "GET", 400),
        })
        {
            using var response = await gateway.PostAsync("links", new { path, method, expiresIn = 60 });
            Assert.True((int)response.StatusCode == status, $"{method} {path}: {response.StatusCode}");
        }

        using var hidden = await gateway.PostAsync("/v1/backends/other/links", new { path = "/a", method = "GET", expiresIn = 60 });
        await MemoryGateway.ReadProblemAsync(hidden, HttpStatusCode.NotFound, "backend-not-found");
        using var stranger = await gateway.SendAsync(HttpMethod.Post, "links", new StringContent("{}"), ("X-Api-Key", ""));
        await MemoryGateway.ReadProblemAsync(stranger, HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_link_works_without_the_key_and_dies_with_the_grant()
    {
        await using var gateway = await StartAsync("files /a/** read");
        var href = await MakeAsync(gateway, "/a/b", "GET");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, HttpMethod.Get, href));

        gateway.Reload("files /a/c read");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(gateway, HttpMethod.Get, href));
        gateway.Reload("files /a/* read");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, HttpMethod.Get, href));
    }

    [Fact]
    public async Task A_link_dies_with_the_key_also_where_another_gets_its_name()
    {
        await using var gateway = await StartAsync("files /** read write");
        var (download, upload) = (await MakeAsync(gateway, "/a/b", "GET"), await MakeAsync(gateway, "/new", "PUT"));

        gateway.RemoveKey();

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(gateway, HttpMethod.Get, download));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(gateway, HttpMethod.Put, upload));
        Assert.Null(gateway.Backend.Find("/new"));
    }

    [Fact]
    public async Task An_upload_by_a_link_is_judged_again_before_the_file_gets_its_name()
    {
        await using var gateway = await StartAsync("files /** read write");
        var href = await MakeAsync(gateway, "/new", "PUT");
        using var body = new PushContent(async stream =>
        {
            await stream.WriteAsync("hello"u8.ToArray());
            await stream.FlushAsync();
            gateway.Reload("files /** read");
        });

        using var response = await gateway.SendAsync(HttpMethod.Put, href, body, ("X-Api-Key", ""));

        Assert.False(response.IsSuccessStatusCode);
        Assert.Null(gateway.Backend.Find("/new"));
    }

    [Fact]
    public async Task A_link_does_not_tell_who_made_it()
    {
        await using var gateway = await StartAsync("files /** read");
        var href = await MakeAsync(gateway, "/a/b", "GET");
        var sealedIssuer = href.Split("issuer=")[1].Split('&')[0];
        Assert.DoesNotContain("app", System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(sealedIssuer)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_is_made_with_a_token_ends_with_the_token()
    {
        using var folder = new TempFolder();
        await using var gateway = await TokenGateway.StartAsync(settings: ("Links:KeyFile", folder.WriteSecret("key", LinkKey.Create())));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Host.BaseAddress, "/v1/backends/files/links"))
        {
            Content = JsonContent.Create(new { path = "/a/f", method = "GET", expiresIn = 500_000 }),
        };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + gateway.Authority.Issue());

        using var made = await gateway.Host.Client.SendAsync(request);
        var link = await MemoryGateway.ReadJsonAsync(made);
        using var used = await gateway.Host.Client.GetAsync(new Uri(link.GetProperty("url").GetString()!));

        Assert.Equal(HttpStatusCode.OK, used.StatusCode);
        Assert.True(link.GetProperty("expires").GetDateTimeOffset() < DateTimeOffset.UtcNow.AddSeconds(250_000));
    }

    private static async Task<KeyedGateway> StartAsync(params string[] rules)
    {
        var gateway = await KeyedGateway.StartAsync(rules);
        Assert.True(LinkKey.TryParse(LinkKey.Create(), out var key, out _));
        var current = gateway.Host.Services.GetRequiredService<CurrentSettings>();
        current.Replace(current.Value with { Links = new LinkSettings(key, null, TimeSpan.FromHours(1)) });
        gateway.Backend.AddFile("/a/b", "hello"u8.ToArray());
        gateway.Backend.AddFile("/ab", "other"u8.ToArray());
        gateway.Backend.AddFolder("/in");
        return gateway;
    }

    private static async Task<string> MakeAsync(KeyedGateway gateway, string path, string method)
    {
        using var response = await gateway.PostAsync("links", new { path, method, expiresIn = 60 });
        return (await MemoryGateway.ReadJsonAsync(response)).GetProperty("href").GetString()!;
    }

    private static async Task<HttpStatusCode> StatusAsync(KeyedGateway gateway, HttpMethod method, string href)
    {
        using var response = await gateway.SendAsync(method, href, method == HttpMethod.Put ? new StringContent("x") : null, ("X-Api-Key", ""));
        return response.StatusCode;
    }
}
