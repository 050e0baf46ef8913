using System.Net;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary>RFC 5789 and RFC 7396 on entries.</summary>
public sealed class PatchEntryTests
{
    private const string MergePatch = "application/merge-patch+json";
    private static readonly DateTimeOffset Before = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"modified":"2024-02-29T10:00:00Z"}""", MergePatch, "2024-02-29T10:00:00Z", "0644")]
    [InlineData("""{"modified":"2024-02-29T12:00:00+02:00"}""", "application/json", "2024-02-29T10:00:00Z", "0644")]
    [InlineData("""{"permissions":"0600"}""", "application/merge-patch+json; charset=utf-8", "2020-01-01T00:00:00Z", "0600")]
    [InlineData("""{"permissions":"755","modified":"1970-01-01T00:00:00Z"}""", MergePatch, "1970-01-01T00:00:00Z", "0755")]
    [InlineData("{}", MergePatch, "2020-01-01T00:00:00Z", "0644")]
    public async Task What_is_named_is_changed_and_the_entry_returned(string patch, string type, string modified, string permissions)
    {
        await using var gateway = await StartAsync();

        using var response = await PatchAsync(gateway, "entries/a", patch, type);
        var entry = await MemoryGateway.ReadJsonAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(modified, entry.GetProperty("modified").GetString());
        Assert.Equal(permissions, entry.GetProperty("permissions").GetString());
        Assert.Equal(response.Headers.ETag!.ToString(), entry.GetProperty("etag").GetString());
        using var after = await gateway.GetAsync("entries/a");
        Assert.Equal(entry.ToString(), (await MemoryGateway.ReadJsonAsync(after)).ToString());
    }

    [Theory]
    [InlineData("entries/a", """{"modified":null}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"permissions":null}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"modified":""}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"modified":"2024-02-30T00:00:00Z"}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"modified":"Thu, 29 Feb 2024 10:00:00 GMT"}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"modified":"1969-12-31T23:59:59Z"}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"modified":"2106-02-07T06:28:16Z"}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"modified":1700000000}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"permissions":"rw-r--r--"}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"permissions":"0888"}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"permissions":"00644"}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"permissions":420}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"owner":"root"}""", 400, "invalid-request")]
    [InlineData("entries/a", """{"size":0}""", 400, "invalid-request")]
    [InlineData("entries/a", "[]", 400, "invalid-request")]
    [InlineData("entries/a", "null", 400, "invalid-request")]
    [InlineData("entries/a", "", 400, "invalid-request")]
    [InlineData("entries/", """{"permissions":"0644"}""", 400, "invalid-path")]
    [InlineData("entries/missing", """{"permissions":"0644"}""", 404, "not-found")]
    public async Task What_makes_no_sense_is_refused(string path, string patch, int status, string name)
    {
        await using var gateway = await StartAsync();

        using var response = await PatchAsync(gateway, path, patch, MergePatch);

        await MemoryGateway.ReadProblemAsync(response, (HttpStatusCode)status, name);
        var node = gateway.Backend.Find("/a")!;
        Assert.Equal((Before, 0b110_100_100), (node.Modified!.Value, node.Permissions));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json-patch+json")]
    [InlineData("application/xml")]
    public async Task Another_kind_of_patch_is_refused(string type)
    {
        await using var gateway = await StartAsync();
        using var response = await PatchAsync(gateway, "entries/a", "{}", type);
        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    [Fact]
    public async Task Conditions_and_read_only_backends_are_respected_and_what_the_server_lacks_is_told()
    {
        await using var gateway = await StartAsync();
        await using var locked = await MemoryGateway.StartAsync(("Backends:files:ReadOnly", "true"));
        using var readOnly = await PatchAsync(locked, "entries/a", "{}", MergePatch);
        await MemoryGateway.ReadProblemAsync(readOnly, HttpStatusCode.Forbidden, "read-only");

        using var other = await PatchAsync(gateway, "entries/a", """{"permissions":"0600"}""", MergePatch, ("If-Match", "\"x\""));
        await MemoryGateway.ReadProblemAsync(other, HttpStatusCode.PreconditionFailed, "precondition-failed");
        using var entry = await gateway.GetAsync("entries/a");
        using var seen = await PatchAsync(gateway, "entries/a", """{"permissions":"0600"}""", MergePatch, ("If-Match", entry.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);

        gateway.Backend.Before = (operation, _, _) =>
            operation == MemoryOperation.SetAttributes ? throw new BackendException(BackendError.NotSupported, "The server cannot set permissions.") : default;
        using var lacking = await PatchAsync(gateway, "entries/a", """{"permissions":"0644"}""", MergePatch);
        await MemoryGateway.ReadProblemAsync(lacking, HttpStatusCode.NotImplemented, "not-supported");
    }

    private static async Task<MemoryGateway> StartAsync()
    {
        var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "x"u8.ToArray(), Before);
        return gateway;
    }

    private static Task<HttpResponseMessage> PatchAsync(
        MemoryGateway gateway, string path, string patch, string type, params (string, string)[] headers)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(patch));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return gateway.SendAsync(HttpMethod.Patch, path, content, headers);
    }
}
