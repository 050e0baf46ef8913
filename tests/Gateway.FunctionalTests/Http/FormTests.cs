using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary>RFC 7578: forms with files, sent to a folder.</summary>
public sealed class FormTests
{
    [Fact]
    public async Task Every_file_of_a_form_is_stored_and_told()
    {
        await using var gateway = await StartAsync();
        gateway.Backend.AddFile("/in/b.bin", "old"u8.ToArray());
        var large = Contract.Payload.Create(3_000_001);

        using var response = await SendAsync(gateway, "directories/in", File("a.txt", "one"u8.ToArray()), Field("note", "hello"), File("b.bin", large), File("", []), File("c.txt", []));
        var document = await MemoryGateway.ReadJsonAsync(response);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/v1/backends/files/directories/in", response.Headers.NonValidated["Location"].ToString());
        Assert.Equal("/in", document.GetProperty("path").GetString());
        Assert.Equal(
            ["/in/a.txt created 3 field", "/in/b.bin replaced 3000001 field", "/in/c.txt created 0 field"],
            document.GetProperty("files").EnumerateArray().Select(file =>
                $"{file.GetProperty("path")} {file.GetProperty("outcome")} {file.GetProperty("size")} {file.GetProperty("field")}"));
        Assert.Equal("/v1/backends/files/files/in/a.txt", document.GetProperty("files")[0].GetProperty("location").GetString());
        Assert.Equal("one"u8.ToArray(), gateway.Backend.Find("/in/a.txt")!.Content);
        Assert.Equal(large, gateway.Backend.Find("/in/b.bin")!.Content);
        Assert.Empty(gateway.Backend.Find("/in/c.txt")!.Content);
        Assert.Equal(0, gateway.Backend.OpenUploads);
    }

    [Fact]
    public async Task One_file_is_located_and_one_that_replaces_is_200()
    {
        await using var gateway = await StartAsync();
        using var created = await SendAsync(gateway, "directories/in/", File("a b.txt", "1"u8.ToArray()));
        using var replaced = await SendAsync(gateway, "directories/in", File("a b.txt", "2"u8.ToArray()));
        using var root = await SendAsync(gateway, "directories/", File("a.txt", "3"u8.ToArray()));

        Assert.Equal((HttpStatusCode.Created, "/v1/backends/files/files/in/a%20b.txt"), (created.StatusCode, created.Headers.NonValidated["Location"].ToString()));
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        Assert.Equal("3"u8.ToArray(), gateway.Backend.Find("/a.txt")!.Content);
    }

    public static TheoryData<string, string?> Names() => new()
    {
        { "filename=\"a.txt\"", "/in/a.txt" },
        { "filename=a.txt", "/in/a.txt" },
        { "filename=\"报告 2026.pdf\"", "/in/报告 2026.pdf" },
        { "filename=\"تقرير.pdf\"", "/in/تقرير.pdf" },
        { "filename=\"📷🏝.jpg\"", "/in/📷🏝.jpg" },
        { "filename=\"a;b, c=d.txt\"", "/in/a;b, c=d.txt" },
        { "filename=\"50%25 100%.txt\"", "/in/50%25 100%.txt" },

        // What browsers and curl make of a"b\c.
        { "filename=\"a%22b\\c\"", "/in/a\"b\\c" },
        { "filename=\"a\\\"b\\\\c\"", "/in/a\"b\\c" },

        { "filename=\"C:\\fakepath\\a.txt\"", "/in/a.txt" },
        { "filename=\"c:/docs/a.txt\"", "/in/a.txt" },
        { "filename=\"=?utf-8?B?eA==?=\"; filename*=utf-8''%e6%8a%a5%e5%91%8a.pdf", "/in/报告.pdf" },
        { "filename=\"..a\"", "/in/..a" },
        { "filename=\"-rf\"", "/in/-rf" },

        // A whole folder, as webkitdirectory sends it.
        { "filename=\"sub/a.txt\"", "/in/sub/a.txt" },
        { "filename=\"new/deep/a.txt\"", "/in/new/deep/a.txt" },

        { "filename=\"../a\"", null },
        { "filename=\"..\"", null },
        { "filename=\".\"", null },
        { "filename=\"sub/../../a\"", null },
        { "filename=\"/etc/passwd\"", null },
        { "filename=\"sub/\"", null },
        { "filename=\"sub//a\"", null },
        { "filename=\"C:\\fakepath\\..\"", null },
        { "filename=\"C:\\fakepath\\\"", null },
        { "filename=\"a%0D%0Ab\"", null },
        { "filename=\"a\tb\"", null },
        { "filename=\"a\u007fb\"", null },
        { "filename*=utf-8''a%2f..%2f..%2fb", null },
        { "filename*=utf-8''a%00b", null },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Names_are_kept_and_never_lead_out_of_the_folder(string parameter, string? path)
    {
        await using var gateway = await StartAsync();
        gateway.Backend.AddFolder("/in/sub");
        var before = gateway.Backend.Paths;

        using var response = await SendRawAsync(
            gateway, "directories/in?parents=true", $"--x\r\nContent-Disposition: form-data; name=\"f\"; {parameter}\r\n\r\ncontent\r\n--x--\r\n");

        if (path is null)
        {
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal(before, gateway.Backend.Paths);
        }
        else
        {
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            Assert.Equal("content"u8.ToArray(), gateway.Backend.Find(path)?.Content);
        }
    }

    [Fact]
    public async Task Folders_of_a_form_are_created_only_when_asked_for()
    {
        await using var gateway = await StartAsync();

        using var refused = await SendAsync(gateway, "directories/in", File("a.txt", []), File("new/b.txt", []));
        using var nowhere = await SendAsync(gateway, "directories/out", File("a.txt", []));
        using var created = await SendAsync(gateway, "directories/out?parents=true", File("new/b.txt", []));

        var problem = await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.NotFound, "not-found");
        Assert.Equal("/in/new/b.txt", problem.GetProperty("path").GetString());
        Assert.Contains("?parents=true", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("/in/a.txt", problem.GetProperty("stored")[0].GetProperty("path").GetString());
        await MemoryGateway.ReadProblemAsync(nowhere, HttpStatusCode.NotFound, "not-found");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(["/", "/in", "/in/a.txt", "/out", "/out/new", "/out/new/b.txt"], gateway.Backend.Paths);
    }

    [Fact]
    public async Task A_form_may_not_replace_when_it_says_so_and_names_each_file_once()
    {
        await using var gateway = await StartAsync();
        gateway.Backend.AddFile("/in/b", "old"u8.ToArray());

        using var exists = await SendAsync(gateway, "directories/in?overwrite=false", File("a", []), File("b", []), File("c", []));
        using var twice = await SendAsync(gateway, "directories/in", File("d", "1"u8.ToArray()), File("d", "2"u8.ToArray()));
        using var wrong = await SendAsync(gateway, "directories/in?overwrite=maybe", File("a", []));

        var problem = await MemoryGateway.ReadProblemAsync(exists, HttpStatusCode.Conflict, "already-exists");
        Assert.Equal("/in/b", problem.GetProperty("path").GetString());
        Assert.Equal(["/in/a"], Stored(problem));
        Assert.Equal(["/in/d"], Stored(await MemoryGateway.ReadProblemAsync(twice, HttpStatusCode.Conflict, "already-exists")));
        await MemoryGateway.ReadProblemAsync(wrong, HttpStatusCode.BadRequest, "invalid-request");
        Assert.Equal("1"u8.ToArray(), gateway.Backend.Find("/in/d")!.Content);
        Assert.Equal("old"u8.ToArray(), gateway.Backend.Find("/in/b")!.Content);
        Assert.Null(gateway.Backend.Find("/in/c"));
    }

    public static TheoryData<string, int, string> Malformed() => new()
    {
        { "", 400, "invalid-request" },
        { "--x--\r\n", 400, "invalid-request" },
        { "nonsense", 400, "invalid-request" },
        { Part("ok") + "--x\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\ncontent", 400, "invalid-request" },
        { Part("ok") + "--x\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\ncontent\r\n--", 400, "invalid-request" },
        { Part("ok") + "--x\r\nContent-Disposition: form-data; name=f; filen", 400, "invalid-request" },
        { Part("ok") + "--x\r\nContent-Type: text/plain\r\n\r\ncontent\r\n--x--\r\n", 400, "invalid-request" },
        { Part("ok") + "--x\r\nContent-Disposition: attachment; filename=a\r\n\r\ncontent\r\n--x--\r\n", 400, "invalid-request" },
        { Part("ok") + $"--x\r\nContent-Disposition: form-data; name=f; filename=a\r\nX: {new string('x', 20_000)}\r\n\r\ncontent\r\n--x--\r\n", 400, "invalid-request" },
        { Part("ok") + $"--x\r\n{string.Concat(Enumerable.Range(0, 20).Select(i => $"X{i}: y\r\n"))}\r\ncontent\r\n--x--\r\n", 400, "invalid-request" },
        { Part("ok") + $"--x\r\nContent-Disposition: form-data; name=f\r\n\r\n{new string('x', 70_000)}\r\n--x--\r\n", 400, "invalid-request" },
        { Part("ok") + "--x\r\nContent-Disposition: form-data; name=f; filename=a\r\nContent-Digest: sha-256=:" + Convert.ToBase64String(SHA256.HashData("x"u8)) + ":\r\n\r\ncontent\r\n--x--\r\n", 422, "digest-mismatch" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_form_that_breaks_stores_whole_files_and_tells_which(string body, int status, string name)
    {
        await using var gateway = await StartAsync();

        using var response = await SendRawAsync(gateway, "directories/in", body);

        var problem = await MemoryGateway.ReadProblemAsync(response, (HttpStatusCode)status, name);
        var isBegun = body.StartsWith(Part("ok"), StringComparison.Ordinal);
        Assert.Equal(isBegun ? ["/in/ok"] : [], Stored(problem));
        Assert.Equal(isBegun ? ["/", "/in", "/in/ok"] : ["/", "/in"], gateway.Backend.Paths);
        await Eventually.HoldsAsync(() => gateway.Backend.OpenUploads == 0);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData("multipart/mixed; boundary=x", 415)]
    [InlineData("multipart/form-data", 400)]
    [InlineData("multipart/form-data; boundary=\"\"", 400)]
    [InlineData("multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890", 400)]
    [InlineData("text", 415)]
    public async Task What_is_no_form_is_refused(string type, int status)
    {
        await using var gateway = await StartAsync();
        using var response = await SendRawAsync(gateway, "directories/in", Part("a") + "--x--\r\n", type);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(["/", "/in"], gateway.Backend.Paths);
    }

    [Theory]
    [InlineData("directories/missing", 404)]
    [InlineData("directories/file", 409)]
    [InlineData("directories/in?parents=x", 400)]
    public async Task Refusals_come_before_the_body(string path, int status)
    {
        await using var gateway = await StartAsync();
        gateway.Backend.AddFile("/file", []);
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync(
            $"POST /v1/backends/files/{path} HTTP/1.1\r\nHost: g\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("https://evil.example", null, 403)]
    [InlineData("null", null, 403)]
    [InlineData("null", "cross-site", 403)]
    [InlineData("https://app.example", "cross-site", 201)]
    [InlineData("http://OWN", null, 201)]
    [InlineData("https://OWN", null, 201)]
    [InlineData("https://public.example", "same-origin", 201)]
    [InlineData(null, null, 201)]
    public async Task A_page_of_another_site_cannot_send_forms_through_its_visitors(string? origin, string? site, int status)
    {
        await using var gateway = await StartAsync(("Cors:Origins:0", "https://app.example"));
        var headers = new List<(string, string)>();
        if (origin is not null)
        {
            headers.Add(("Origin", origin.Replace("OWN", gateway.Host.BaseAddress.Authority, StringComparison.Ordinal)));
        }

        if (site is not null)
        {
            headers.Add(("Sec-Fetch-Site", site));
        }

        using var response = await SendRawAsync(gateway, "directories/in", Part("a") + "--x--\r\n", headers: [.. headers]);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 201, gateway.Backend.Find("/in/a") is not null);
    }

    [Fact]
    public async Task No_connection_is_held_while_the_next_part_is_awaited_and_a_caller_that_stalls_is_told()
    {
        await using var gateway = await StartAsync(("Backends:files:Pool:MaxConnections", "1"), ("Backends:files:Transfers:StallTimeout", "00:00:02"));
        gateway.Backend.IsShareable = false;
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        await connection.SendAsync(
            $"POST /v1/backends/files/directories/in HTTP/1.1\r\nHost: g\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n{Part("a")}--x\r\n");
        await Eventually.HoldsAsync(() => gateway.Backend.Find("/in/a") is not null);

        using var other = await gateway.PutAsync("files/in/b", "x");
        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
        var (status, _, body) = await connection.ReadResponseAsync();
        Assert.Equal(408, status);
        Assert.Contains("\"path\":\"/in/a\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_over_the_limit_ends_the_form()
    {
        await using var gateway = await StartAsync(("Backends:files:Transfers:MaxUploadBytes", "1000"));

        using var response = await SendAsync(gateway, "directories/in", File("a", new byte[1000]), File("b", new byte[1001]));

        Assert.Equal(["/in/a"], Stored(await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "content-too-large")));
        Assert.Null(gateway.Backend.Find("/in/b"));
    }

    [Fact]
    public async Task A_backend_that_fails_at_the_second_file_keeps_the_first()
    {
        await using var gateway = await StartAsync();
        gateway.Backend.Before = (operation, path, _) => operation == MemoryOperation.Commit && path.Name == "b"
            ? throw new BackendException(BackendError.InsufficientStorage, "It is full.")
            : default;

        using var response = await SendAsync(gateway, "directories/in", File("a", []), File("b", []), File("c", []));

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.InsufficientStorage, "insufficient-storage");
        Assert.Equal(["/in/a"], Stored(problem));
        Assert.Equal("/in/b", problem.GetProperty("path").GetString());
        Assert.Equal(["/", "/in", "/in/a"], gateway.Backend.Paths);
    }

    private static async Task<MemoryGateway> StartAsync(params (string Key, string? Value)[] settings)
    {
        var gateway = await MemoryGateway.StartAsync(settings);
        gateway.Backend.AddFolder("/in");
        return gateway;
    }

    private static IEnumerable<string?> Stored(JsonElement problem) =>
        problem.GetProperty("stored").EnumerateArray().Select(file => file.GetProperty("path").GetString());

    private static string Part(string name) => $"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{name}\"\r\n\r\ncontent\r\n";

    private static (string?, byte[]) File(string name, byte[] content) => (name, content);

    private static (string?, byte[]) Field(string name, string value) => (null, Encoding.UTF8.GetBytes(name + value));

    private static async Task<HttpResponseMessage> SendAsync(MemoryGateway gateway, string path, params (string? Name, byte[] Content)[] parts)
    {
        using var body = new MemoryStream();
        foreach (var (name, content) in parts)
        {
            body.Write(Encoding.UTF8.GetBytes($"--x\r\nContent-Disposition: form-data; name=\"field\"{(name is null ? "" : $"; filename=\"{name}\"")}\r\n\r\n"));
            body.Write(content);
            body.Write("\r\n"u8);
        }

        body.Write("--x--\r\n"u8);
        return await SendRawAsync(gateway, path, body.ToArray());
    }

    private static Task<HttpResponseMessage> SendRawAsync(
        MemoryGateway gateway, string path, string body, string type = "multipart/form-data; boundary=x", params (string, string)[] headers) =>
        SendRawAsync(gateway, path, Encoding.UTF8.GetBytes(body), type, headers);

    private static Task<HttpResponseMessage> SendRawAsync(
        MemoryGateway gateway, string path, byte[] body, string type = "multipart/form-data; boundary=x", params (string, string)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return gateway.SendAsync(HttpMethod.Post, path, content, headers);
    }
}
