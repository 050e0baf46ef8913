using System.Net;
using Gateway.Testing.Fakes;
using Gateway.Testing.Fakes.Memory;
using Gateway.Testing.Gateways;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Http;

/// <summary>Pages of one snapshot, and what is left when it is gone.</summary>
public sealed class ListingPagesTests : IAsyncLifetime
{
    private readonly MemoryBackend _backend = new();
    private readonly ManualTimeProvider _time = new();
    private GatewayHost _gateway = null!;
    private int _listings;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayHost.StartAsync(
            new Dictionary<string, MemoryBackend>(StringComparer.Ordinal) { ["files"] = _backend, ["other"] = _backend },
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Backends:files:Listing:CacheDuration"] = "00:00:00" },
            services => services.AddSingleton<TimeProvider>(_time));
        _backend.Before = (operation, _, _) =>
        {
            _listings += operation == MemoryOperation.List ? 1 : 0;
            return default;
        };
        foreach (var name in new[] { "b", "d", "f", "h", "j" })
        {
            _backend.AddFile("/in/" + name, new byte[name[0]], DateTimeOffset.UnixEpoch.AddDays(name[0]));
        }
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("sort=name", "b d f h j")]
    [InlineData("sort=name&order=desc", "j h f d b")]
    [InlineData("sort=size", "b d f h j")]
    [InlineData("sort=modified&order=desc", "j h f d b")]
    [InlineData("match=[!f]&sort=size", "b d h j")]
    [InlineData("recursive=true", "in in/b in/d in/f in/h in/j")]
    public async Task All_pages_are_of_the_moment_of_the_first(string query, string expected)
    {
        var folder = query.StartsWith("recursive", StringComparison.Ordinal) ? "" : "in";
        var (names, next) = await GetAsync($"{folder}?{query}&limit=1");
        for (var page = 0; next is not null; page++)
        {
            // Whatever happens to the folder in between: one comes, one goes, one moves in every order.
            _backend.AddFile($"/in/{(char)('a' + (page * 2))}", []);
            _backend.AddFile("/in/h", [], DateTimeOffset.UnixEpoch.AddDays(page));
            _backend.Delete("/in/f");
            var (more, after) = await GetAsync($"{folder}?{query}&limit=1&after={Uri.EscapeDataString(next)}");
            names.AddRange(more);
            next = after;
        }

        Assert.Equal(expected.Split(' '), names);
        Assert.Equal(folder.Length == 0 ? 2 : 1, _listings);
    }

    [Fact]
    public async Task After_two_minutes_the_next_page_is_of_a_fresh_listing_behind_the_same_place()
    {
        var (names, next) = await GetAsync("in?limit=2");
        Assert.Equal(["b", "d"], names);
        _time.Advance(TimeSpan.FromSeconds(119));
        (names, next) = await GetAsync("in?limit=1&after=" + next);
        Assert.Equal(["f"], names);
        _backend.AddFile("/in/a", []);
        _backend.AddFile("/in/g", []);
        _backend.Delete("/in/f");

        _time.Advance(TimeSpan.FromSeconds(121));
        (names, next) = await GetAsync("in?limit=2&after=" + next);

        Assert.Equal(["g", "h"], names);
        Assert.Equal(2, _listings);
        (names, next) = await GetAsync("in?limit=2&after=" + next);
        Assert.Equal(["j"], names);
        Assert.Null(next);
        Assert.Equal(2, _listings);
    }

    [Fact]
    public async Task A_name_is_a_place_as_well()
    {
        var (names, _) = await GetAsync("in?after=e");
        Assert.Equal(["f", "h", "j"], names);
    }

    [Theory]
    [InlineData("/v1/backends/files/directories/else?limit=1")]
    [InlineData("/v1/backends/other/directories/in?limit=1")]
    [InlineData("/v1/backends/files/directories/in?limit=1&match=*")]
    public async Task A_cursor_opens_no_other_folders_snapshot(string url)
    {
        _backend.AddFile("/else/z", []);
        var (_, next) = await GetAsync("in?limit=1");
        _backend.AddFile("/in/c", []);

        var (names, _) = await GetAsync(url + "&after=" + Uri.EscapeDataString(next!));

        Assert.Equal([url.Contains("else", StringComparison.Ordinal) ? "z" : "c"], names);
    }

    [Theory]
    [InlineData("sort=size&after=x")]
    [InlineData("sort=size&after=0123456789abcdef/x/y")]
    [InlineData("sort=name&after=0123456789abcdef/5/y")]
    [InlineData("sort=name&after=x/y")]
    [InlineData("recursive=true&after=y")]
    [InlineData("depth=2")]
    [InlineData("recursive=true&depth=0")]
    [InlineData("recursive=true&depth=65")]
    [InlineData("recursive=maybe")]
    public async Task What_is_no_cursor_or_no_depth_is_refused(string query)
    {
        using var response = await _gateway.Client.GetAsync(new Uri("/v1/backends/files/directories/in?" + query, UriKind.Relative));
        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.BadRequest, "invalid-request");
    }

    private async Task<(List<string> Names, string? Next)> GetAsync(string path)
    {
        var url = path.StartsWith('/') ? path : "/v1/backends/files/directories/" + path;
        using var response = await _gateway.Client.GetAsync(new Uri(url, UriKind.Relative));
        var page = await MemoryGateway.ReadJsonAsync(response);
        var names = page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("path").GetString()![1..]);
        return ([.. names.Select(name => url.Contains("recursive", StringComparison.Ordinal) ? name : name.Split('/')[^1])], page.GetProperty("next").GetString());
    }
}
