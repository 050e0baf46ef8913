using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using Gateway.Api.Identity;
using Gateway.FunctionalTests.Http;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Access;

/// <summary>A link in a granted folder gives no right on what it leads to: with the server that resolves it.</summary>
public sealed class SymlinkRightsTests : IAsyncLifetime
{
    private static readonly string s_base = "/v1/backends/ssh/";

    private readonly (string Key, ApiKeyHash Hash) _key = ApiKeyHash.Create();
    private SshServer _server = null!;
    private GatewayHost _gateway = null!;

    public async Task InitializeAsync()
    {
        _server = await SshServer.StartAsync();
        _server.Files.CreateFolder("/a");
        _server.Files.CreateFolder("/b/sub");
        _server.Files.CreateFolder("/c");
        _server.Files.Write("/a/own", [1]);
        _server.Files.Write("/b/secret", [2]);
        _server.Files.Write("/b/sub/x", [3]);
        _server.Files.Write("/c/shared", [4]);
        _server.Files.CreateLink("/a/to-file", "../b/secret");
        _server.Files.CreateLink("/a/to-folder", "../b");
        _server.Files.CreateLink("/a/to-new", "../b/new");
        _server.Files.CreateLink("/a/to-shared", "../c");
        _server.Files.CreateLink("/a/to-own", "own");
        var settings = GatewayEnvironment.For(_server, "ssh")
            .ToDictionary(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), pair => pair.Value, StringComparer.Ordinal);
        var keyed = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Identity:ApiKeys:app:Hash"] = _key.Hash.ToString(),
            ["Identity:ApiKeys:app:Grants:0"] = "app",
        };
        KeyedGateway.Grant(keyed, "app", "ssh /a list read write delete", "ssh /a/** list read write delete", "ssh /c/** list read");
        _gateway = await GatewayHost.StartAsync(settings.Concat(keyed.Select(pair => KeyValuePair.Create("Gateway:" + pair.Key, pair.Value))));
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "files/a/to-file")]
    [InlineData("GET", "files/a/to-folder/secret")]
    [InlineData("GET", "directories/a/to-folder/")]
    [InlineData("GET", "directories/a/to-folder/sub")]
    [InlineData("GET", "entries/a/to-folder/secret")]
    [InlineData("GET", "entries/a/to-file?follow=true")]
    [InlineData("PUT", "files/a/to-file")]
    [InlineData("PUT", "files/a/to-new")]
    [InlineData("PUT", "files/a/to-folder/new")]
    [InlineData("PUT", "files/a/to-folder/x/y/new?parents=true")]
    [InlineData("PUT", "directories/a/to-folder/new")]
    [InlineData("DELETE", "files/a/to-folder/secret")]
    [InlineData("DELETE", "directories/a/to-folder/sub?recursive=true")]
    [InlineData("PATCH", "entries/a/to-file")]
    public async Task It_leads_nowhere_where_nothing_is_granted(string method, string path)
    {
        using var response = await SendAsync(new HttpMethod(method), path, method == "PATCH" ? JsonContent.Create(new { permissions = "0600" }) : null);

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.NotFound, "not-found");
        Assert.StartsWith("/a/to-", problem.GetProperty("path").GetString(), StringComparison.Ordinal);
        AssertUntouched();
    }

    [Theory]
    [InlineData("moves", "/a/to-folder/secret", "/a/stolen")]
    [InlineData("moves", "/a/own", "/a/to-folder/new")]
    [InlineData("copies", "/a/to-file", "/a/stolen")]
    [InlineData("copies", "/a/to-folder", "/a/stolen")]
    [InlineData("copies", "/a/own", "/a/to-new")]
    [InlineData("copies", "/a/own", "/a/to-folder/new")]
    public async Task Neither_end_of_a_move_or_copy_goes_through_it(string kind, string from, string to)
    {
        object document = kind == "moves" ? new { from, to, overwrite = true } : new { from, to, overwrite = true, recursive = true };
        using var response = await SendAsync(HttpMethod.Post, kind, JsonContent.Create(document));

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.NotFound, "not-found");
        Assert.True(_server.Files.Exists("/a/own"));
        Assert.False(_server.Files.Exists("/a/stolen"));
        AssertUntouched();
    }

    [Fact]
    public async Task A_tree_is_not_copied_into_a_link_that_is_in_its_way()
    {
        _server.Files.CreateFolder("/a/from/to-folder");
        _server.Files.Write("/a/from/to-folder/new", [1]);

        using var response = await SendAsync(HttpMethod.Post, "copies", JsonContent.Create(new { from = "/a/from", to = "/a", recursive = true, overwrite = true }));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        AssertUntouched();
    }

    [Fact]
    public async Task An_archive_holds_of_links_what_may_be_read()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_gateway.BaseAddress, s_base + "directories/a"));
        request.Headers.Add("X-Api-Key", _key.Key);
        request.Headers.Add("Accept", "application/zip");
        using var response = await _gateway.Client.SendAsync(request);
        await using var archive = await ZipArchive.CreateAsync(await response.Content.ReadAsStreamAsync(), ZipArchiveMode.Read, leaveOpen: false, null);

        Assert.Equal(["own", "to-own"], archive.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public async Task It_is_followed_where_the_caller_has_the_right_at_its_end_too()
    {
        using var own = await SendAsync(HttpMethod.Get, "files/a/to-own");
        using var shared = await SendAsync(HttpMethod.Get, "files/a/to-shared/shared");
        using var write = await SendAsync(HttpMethod.Put, "files/a/to-shared/shared");
        using var link = await SendAsync(HttpMethod.Get, "entries/a/to-file");
        using var removed = await SendAsync(HttpMethod.Delete, "files/a/to-file");

        Assert.Equal([1], await own.Content.ReadAsByteArrayAsync());
        Assert.Equal([4], await shared.Content.ReadAsByteArrayAsync());
        await MemoryGateway.ReadProblemAsync(write, HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal("symlink", (await MemoryGateway.ReadJsonAsync(link)).GetProperty("type").GetString());
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        AssertUntouched();
    }

    private void AssertUntouched()
    {
        Assert.Equal([2], _server.Files.Read("/b/secret"));
        Assert.Equal(["secret", "sub"], _server.Files.List("/b").Order(StringComparer.Ordinal));
        Assert.Equal([3], _server.Files.Read("/b/sub/x"));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_gateway.BaseAddress, s_base + path)) { Content = content };
        request.Headers.Add("X-Api-Key", _key.Key);
        return await _gateway.Client.SendAsync(request);
    }
}
