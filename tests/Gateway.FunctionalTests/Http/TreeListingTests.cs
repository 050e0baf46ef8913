using System.Net;
using System.Text.Json;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Http;

/// <summary><c>recursive=true</c>.</summary>
public sealed class TreeListingTests
{
    private const string Lines = "application/x-ndjson";

    [Theory]
    [InlineData("", "a a/b a/b/c.txt a/b.txt d d/e f.txt")]
    [InlineData("&depth=1", "a d f.txt")]
    [InlineData("&depth=2", "a a/b a/b.txt d d/e f.txt")]
    [InlineData("&match=*.txt", "a/b/c.txt a/b.txt f.txt")]
    [InlineData("&match=[de]", "d d/e")]
    public async Task Everything_below_is_told_with_its_path_in_both_forms(string query, string expected)
    {
        await using var gateway = await StartAsync();
        using var document = await gateway.GetAsync("directories/t?recursive=true" + query);
        using var lines = await gateway.GetAsync("directories/t?recursive=true" + query, ("Accept", Lines));

        var list = await MemoryGateway.ReadJsonAsync(document);
        var paths = expected.Split(' ').Select(path => "/t/" + path).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(paths, list.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("path").GetString()!));
        Assert.Empty(list.GetProperty("unreadable").EnumerateArray());
        Assert.Equal(paths, (await ReadLinesAsync(lines)).Select(line => line.GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(list.GetProperty("entries").EnumerateArray(), entry =>
            Assert.EndsWith("/" + entry.GetProperty("name").GetString(), entry.GetProperty("path").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_of_a_tree_join_to_the_whole()
    {
        await using var gateway = await StartAsync();
        var joined = new List<string>();
        string? next = null;
        do
        {
            using var response = await gateway.GetAsync("directories/t?recursive=true&limit=2" + (next is null ? "" : "&after=" + Uri.EscapeDataString(next)));
            var page = await MemoryGateway.ReadJsonAsync(response);
            joined.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("path").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal(7, joined.Distinct().Count());
        Assert.Equal(joined.Order(StringComparer.Ordinal), joined);
    }

    [Fact]
    public async Task Links_are_told_and_never_followed_whatever_circle_they_make()
    {
        await using var gateway = await StartAsync();
        gateway.Backend.Add("/t/a/round", new MemoryNode { Type = RemoteEntryType.Symlink, Target = RemotePath.Parse("/t") });
        using var lines = await gateway.GetAsync("directories/t?recursive=true", ("Accept", Lines));

        var entries = await ReadLinesAsync(lines);

        Assert.Equal(8, entries.Count);
        Assert.Single(entries, entry => entry.GetProperty("type").GetString() == "symlink");
    }

    [Fact]
    public async Task A_server_that_shows_a_circle_as_folders_is_left_after_64_of_them()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var path = "";
        for (var i = 0; i < 100; i++)
        {
            path += "/a";
            gateway.Backend.AddFolder(path);
        }

        using var lines = await gateway.GetAsync("directories/?recursive=true", ("Accept", Lines));
        Assert.Equal(64, (await ReadLinesAsync(lines)).Count);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_read_is_told_and_one_that_is_gone_is_passed_over()
    {
        await using var gateway = await StartAsync();
        gateway.Backend.Before = (operation, path, _) => (operation, path.Value) switch
        {
            (MemoryOperation.List, "/t/a/b") => throw new BackendException(BackendError.PermissionDenied, "The server refused.") { Path = path },
            (MemoryOperation.List, "/t/d") => throw new BackendException(BackendError.NotFound, "It is gone.") { Path = path },
            _ => default,
        };

        using var document = await gateway.GetAsync("directories/t?recursive=true");
        using var lines = await gateway.GetAsync("directories/t?recursive=true", ("Accept", Lines));

        var list = await MemoryGateway.ReadJsonAsync(document);
        Assert.Equal(["/t/a", "/t/a/b", "/t/a/b.txt", "/t/d", "/t/f.txt"], list.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("path").GetString()));
        AssertRefused(Assert.Single(list.GetProperty("unreadable").EnumerateArray()));
        var all = await ReadLinesAsync(lines);
        Assert.Equal(6, all.Count);
        AssertRefused(Assert.Single(all, line => line.TryGetProperty("unreadable", out _)).GetProperty("unreadable"));

        static void AssertRefused(JsonElement problem)
        {
            Assert.Equal("urn:gateway:problem:permission-denied", problem.GetProperty("type").GetString());
            Assert.Equal("/t/a/b", problem.GetProperty("path").GetString());
        }
    }

    [Fact]
    public async Task A_lost_connection_in_the_tree_is_the_last_line_or_a_status()
    {
        await using var gateway = await StartAsync();
        gateway.Backend.Before = (operation, path, _) => operation == MemoryOperation.List && path.Value == "/t/d"
            ? throw new BackendException(BackendError.ConnectionLost, "The connection was lost.")
            : default;

        using var lines = await gateway.GetAsync("directories/t?recursive=true", ("Accept", Lines));
        var all = await ReadLinesAsync(lines);
        Assert.Equal("urn:gateway:problem:backend-unreachable", all[^1].GetProperty("problem").GetProperty("type").GetString());
        using var document = await gateway.GetAsync("directories/t?recursive=true");
        await MemoryGateway.ReadProblemAsync(document, HttpStatusCode.BadGateway, "backend-unreachable");
    }

    [Fact]
    public async Task One_lease_at_a_time_is_enough()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Pool:MaxConnections", "1"), ("Backends:files:Pool:LeasesPerConnection", "1"));
        gateway.Backend.IsShareable = false;
        gateway.Backend.AddFile("/t/a/b/c", []);
        foreach (var accept in new[] { Lines, "application/json" })
        {
            using var response = await gateway.GetAsync("directories/?recursive=true", ("Accept", accept));
            Assert.Contains("/t/a/b/c", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_caller_that_takes_no_lines_is_cut_off()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:StallTimeout", "00:00:01"));
        gateway.Backend.OddEntries[RemotePath.Root] = [.. Enumerable.Range(0, 200_000).Select(i => new RemoteEntry { Name = new string('x', 100), Type = RemoteEntryType.File })];
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress, receiveBuffer: 4096);
        await connection.SendAsync($"GET {MemoryGateway.Base}directories/ HTTP/1.1\r\nHost: gateway\r\nAccept: {Lines}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        var broker = gateway.Host.Services.GetRequiredService<ConnectionBroker>();
        await Eventually.HoldsAsync(() => broker.GetSnapshots()[0].Leases == 0);
        Assert.True((await connection.ReadToEndAsync()).Length < 20_000_000);
    }

    private static async Task<MemoryGateway> StartAsync()
    {
        var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/t/a/b/c.txt", []);
        gateway.Backend.AddFile("/t/a/b.txt", []);
        gateway.Backend.AddFolder("/t/d/e");
        gateway.Backend.AddFile("/t/f.txt", []);
        gateway.Backend.AddFile("/other", []);
        return gateway;
    }

    private static async Task<List<JsonElement>> ReadLinesAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(Lines, response.Content.Headers.ContentType!.MediaType);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
