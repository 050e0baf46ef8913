using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Api.Links;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Http;

public sealed partial class AuditTests : IAsyncLifetime
{
    private const int AuditEvent = 1600;

    private readonly TempFolder _folder = new();
    private MemoryGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await MemoryGateway.StartAsync(("Links:KeyFile", _folder.WriteSecret("key", LinkKey.Create())));
        _gateway.Backend.AddFile("/a", "hello"u8.ToArray());
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("GET", "files/a", null, "read completed 200 bytes=5 entries=0 /a -")]
    [InlineData("HEAD", "files/a", null, "read completed 200 bytes=0 entries=0 /a -")]
    [InlineData("GET", "files/missing", null, "read refused 404 bytes=0 entries=0 /missing -")]
    [InlineData("GET", "directories/", null, "list completed 200 bytes=0 entries=0 / -")]
    [InlineData("GET", "entries/a", null, "list completed 200 bytes=0 entries=0 /a -")]
    [InlineData("PUT", "files/b", "bye", "write completed 201 bytes=3 entries=0 /b -")]
    [InlineData("PUT", "files/none/b", "bye", "write refused 404 bytes=0 entries=0 /none/b -")]
    [InlineData("DELETE", "files/a", null, "delete completed 204 bytes=0 entries=0 /a -")]
    [InlineData("DELETE", "directories/tree?recursive=true", null, "delete completed 204 bytes=0 entries=5 /tree -")]
    [InlineData("POST", "moves", """{"from":"/a","to":"/b"}""", "* completed 204 bytes=0 entries=0 /a /b")]
    [InlineData("POST", "moves", """{"from":"/missing","to":"/b"}""", "* refused 404 bytes=0 entries=0 /missing /b")]
    [InlineData("POST", "moves", "{", "* refused 400 bytes=0 entries=0 /v1/backends/files/moves -")]
    [InlineData("POST", "copies", """{"from":"/a","to":"/b"}""", "* completed 201 bytes=5 entries=1 /a /b")]
    [InlineData("POST", "copies", """{"from":"/tree","to":"/new","recursive":true}""", "* completed 201 bytes=2 entries=2 /tree /new")]
    [InlineData("GET", "files/%ff", null, "read refused 400 bytes=0 entries=0 /v1/backends/files/files/%ff -")]
    [InlineData("GET", "files/a%0ab", null, "read refused 400 bytes=0 entries=0 /v1/backends/files/files/a%0ab -")]
    [InlineData("GET", "files/../x", null, "- refused 400 bytes=0 entries=0 /v1/backends/files/files/../x -")]
    public async Task Each_operation_is_one_line(string method, string url, string? body, string expected)
    {
        _gateway.Backend.AddFile("/tree/one", [1]);
        _gateway.Backend.AddFile("/tree/deep/two", [2]);
        _gateway.Backend.AddFolder("/tree/deep/empty");

        using var response = await _gateway.SendAsync(new HttpMethod(method), url, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        await response.Content.ReadAsByteArrayAsync();

        var line = Assert.Single(await LinesAsync(1));
        var caller = expected.StartsWith('-') ? "-" : "anonymous";
        Assert.Equal((caller, caller, method), (line["caller"], line["kind"], line["method"]));
        Assert.Equal(("127.0.0.1", "files", "0af7651916cd43dd8448eb211c80319c"), (line["client"], line["backend"], line["trace"]));
        var actual = $"{line["verb"]} {line["outcome"]} {line["status"]} bytes={line["bytes"]} entries={line["entries"]} {line["path"]} {line["target"]}";
        Assert.Equal(expected.StartsWith('*') ? line["verb"] + expected[1..] : expected, actual);
    }

    [Fact]
    public async Task A_form_is_a_line_for_each_file_and_one_for_all()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent([1, 2]), "f", "one" }, { new ByteArrayContent([3]), "f", "two" } };
        using var response = await _gateway.SendAsync(HttpMethod.Post, "directories/", form);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);

        var lines = await LinesAsync(3);

        Assert.Equal(["/one 2 0", "/two 1 0", "/ 3 2"], lines.Select(line => $"{line["path"]} {line["bytes"]} {line["entries"]}"));
        Assert.All(lines, line => Assert.Equal(("completed", "201", "write"), (line["outcome"], line["status"], line["verb"])));
    }

    [Fact]
    public async Task A_link_is_named_where_it_is_made_used_and_refused()
    {
        using var made = await _gateway.SendAsync(HttpMethod.Post, "links", new StringContent("""{"path":"/a","method":"GET","expiresIn":60}""", Encoding.UTF8, "application/json"));
        var link = await MemoryGateway.ReadJsonAsync(made);
        var (id, href) = (link.GetProperty("id").GetString()!, link.GetProperty("href").GetString()!);
        await LinesAsync(1);
        using var used = await _gateway.GetAsync(href);
        await LinesAsync(2);
        using var refused = await _gateway.GetAsync(href + "&x=1");

        var lines = await LinesAsync(3);

        Assert.Equal([$"anonymous {id} /a 201", $"link {id} /a 200", "- - /a 403"], lines.Select(line => $"{line["kind"]} {line["link"]} {line["path"]} {line["status"]}"));
        var signature = href.Split("signature=")[1];
        Assert.DoesNotContain(_gateway.Host.Logs.Lines, line => line.Text.Contains(signature, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_is_not_let_in_has_a_line_too()
    {
        using (await _gateway.GetAsync("files/a", ("Authorization", "Bearer nonsense")))
        {
        }

        var line = Assert.Single(await LinesAsync(1));
        Assert.Equal(("refused", "401", "-", "-", "/a"), (line["outcome"], line["status"], line["caller"], line["kind"], line["path"]));
    }

    [Fact]
    public async Task A_failure_of_the_gateway_itself_loses_no_line()
    {
        _gateway.Backend.Before = (_, path, _) => path.Name == "a" ? throw new InvalidOperationException("A defect.") : default;
        using var response = await _gateway.GetAsync("files/a");

        var line = Assert.Single(await LinesAsync(1));
        Assert.Equal(("failed", "500"), (line["outcome"], line["status"]));
    }

    [Fact]
    public async Task What_ends_early_says_who_ended_it()
    {
        _gateway.Backend.AddFile("/large", new byte[64 * 1024 * 1024]);
        await using (var reader = await RawConnection.OpenAsync(_gateway.Host.BaseAddress, receiveBuffer: 4096))
        {
            await reader.SendAsync("GET /v1/backends/files/files/large HTTP/1.1\r\nHost: x\r\n\r\n");
            await reader.ReadHeadAsync();
        }

        var read = Assert.Single(await LinesAsync(1));
        Assert.Equal(("caller_left", "/large"), (read["outcome"], read["path"]));

        await using (var writer = await RawConnection.OpenAsync(_gateway.Host.BaseAddress))
        {
            await writer.SendAsync("PUT /v1/backends/files/files/b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
            await Eventually.HoldsAsync(() => _gateway.Backend.OpenUploads == 1);
        }

        var written = (await LinesAsync(2))[1];
        Assert.Equal(("caller_left", "/b"), (written["outcome"], written["path"]));
    }

    [Fact]
    public async Task Nothing_is_written_while_it_is_off()
    {
        var configuration = (IConfigurationRoot)_gateway.Host.Services.GetRequiredService<IConfiguration>();
        configuration["Logging:LogLevel:Gateway.Audit"] = "None";
        configuration.Reload();
        using (var unseen = await _gateway.GetAsync("files/a"))
        {
            await unseen.Content.ReadAsByteArrayAsync();
        }

        // A connection's next request is taken when the one before it has ended, its line included.
        using (var next = await _gateway.GetAsync("/health/live"))
        {
            await next.Content.ReadAsByteArrayAsync();
        }

        configuration["Logging:LogLevel:Gateway.Audit"] = "Information";
        configuration.Reload();
        using (await _gateway.GetAsync("files/b"))
        {
        }

        Assert.Equal("/b", Assert.Single(await LinesAsync(1))["path"]);
    }

    [Fact]
    public async Task Nobody_asks_the_audit_about_health()
    {
        using (await _gateway.GetAsync("/health/live"))
        using (await _gateway.GetAsync("/metrics"))
        using (await _gateway.GetAsync("files/a"))
        {
        }

        Assert.Equal("/a", Assert.Single(await LinesAsync(1))["path"]);
    }

    /// <summary>Lines are written when their requests have ended, which is after the answer: they are waited for.</summary>
    private Task<IReadOnlyList<Dictionary<string, string>>> LinesAsync(int count) => LinesAsync(_gateway.Host.Logs, count);

    internal static async Task<IReadOnlyList<Dictionary<string, string>>> LinesAsync(LogRecorder logs, int count)
    {
        await Eventually.HoldsAsync(() => logs.Lines.Count(line => line.EventId == AuditEvent) >= count);
        return [.. logs.Lines.Where(line => line.EventId == AuditEvent).Select(line => Field().Matches(line.Text).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value.Trim('"')))];
    }

    [GeneratedRegex("(?<name>\\w+)=(?<value>\"[^\"]*\"|\\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Field();
}
