using System.Globalization;
using System.Text.Json;
using Gateway.Api.Hosting;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.OpenApi;

/// <summary>What a client generator, and the clients that it makes, meet.</summary>
public sealed class GeneratedRequestTests
{
    private static readonly string[] s_general =
    [
        "Date", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Cache-Control", "Vary", "Allow", "Trailer",
        .. SecurityHeaders.Always.Select(header => header.Key),
    ];

    /// <summary>A file, a folder, another folder with something in it, the root, and what is not there or no path.</summary>
    private static readonly string[] s_paths =
    [
        "file.txt", "empty", "full", "", "missing", "missing/below", "file.txt/below", "full/%E6%96%87%E4%BB%B6%20%F0%9F%98%80.txt", "full/", "..", "%2e%2e/x", "a%2Fb", "%00", "%ff", "%", "a//b",
    ];

    [Theory]
    [InlineData("sftp")]
    [InlineData("ftps")]
    public async Task Whatever_is_asked_of_a_real_server_is_answered_as_described(string protocol)
    {
        await using TestServer server = protocol == "sftp" ? await SshServer.StartAsync() : await VsftpdServer.StartAsync();
        var settings = GatewayEnvironment.For(server, "real").Concat(GatewayEnvironment.For(server, "locked"))
            .Append(new("Gateway__Backends__locked__ReadOnly", "true"))
            .Append(new("Gateway__Backends__real__Transfers__MaxUploadBytes", "100000"))
            .Append(new("Gateway__Backends__real__Listing__CacheDuration", "00:00:00"))
            .Select(pair => new KeyValuePair<string, string?>(pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value));
        await using var gateway = await GatewayHost.StartAsync(settings);
        await gateway.WaitUntilReadyAsync();
        var document = await ApiDocument.ReadAsync(gateway.Client);
        var seed = Random.Shared.Next();
        var requests = new ApiRequests(new Random(seed), ["real", "locked", "nobody", "NO%20NAME"], s_paths);
        var met = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var operation in document.Operations)
        {
            foreach (var request in requests.Make(operation, mixed: protocol == "sftp" ? 60 : 10))
            {
                Prepare(server, operation);
                var status = await CheckAsync(document, gateway, request, seed);
                met[status] = met.GetValueOrDefault(status) + 1;
            }
        }

        // A generator that only ever meets one refusal proves nothing.
        var all = string.Join(' ', met.Select(pair => $"{pair.Key}:{pair.Value}"));
        Assert.True(met.Values.Sum() > 1000, all);
        Assert.All(
            new[] { "200", "201", "204", "206", "304", "400", "403", "404", "406", "409", "412", "413", "415", "416" },
            status => Assert.True(met.ContainsKey(status), $"{status} was not met: {all} (seed {seed})"));
    }

    [Fact]
    public async Task A_client_generator_accepts_the_document()
    {
        await using var gateway = await GatewayHost.StartAsync([]);
        var document = await ApiDocument.ReadAsync(gateway.Client);

        Assert.StartsWith("3.0.", document.Root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var ids = document.Operations.Select(operation => operation.Description.GetProperty("operationId").GetString()!).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(ids, id => Assert.Matches("^[a-z][A-Za-z]+$", id));
        Assert.All(document.Root.GetProperty("components").GetProperty("schemas").EnumerateObject(), schema => Assert.Matches("^[A-Z][A-Za-z]+$", schema.Name));

        // Every reference leads somewhere, every schema has a type or a reference, and no object has no name.
        Walk(document.Root, "$");
        foreach (var operation in document.Operations)
        {
            var names = operation.Parameters.Select(parameter => (parameter.GetProperty("in").GetString(), parameter.GetProperty("name").GetString())).ToList();
            Assert.Equal(names.Count, names.Distinct().Count());
            Assert.All(operation.Parameters, parameter => Assert.True(parameter.GetProperty("schema").TryGetProperty("type", out _)));
            Assert.All(operation.Description.GetProperty("responses").EnumerateObject(), response => Assert.NotEmpty(response.Value.GetProperty("description").GetString()!));
            Assert.Contains(operation.Description.GetProperty("responses").EnumerateObject(), response => response.Name[0] == '2');
        }

        void Walk(JsonElement element, string where)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                Assert.All(element.EnumerateArray(), item => Walk(item, where + "[]"));
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                if (element.TryGetProperty("$ref", out _))
                {
                    Assert.Equal(JsonValueKind.Object, document.Resolve(element).ValueKind);
                }

                // The parts of a form are no document: a generator makes them parameters.
                var isForm = where.EndsWith(".multipart/form-data", StringComparison.Ordinal);
                if (!isForm && element.TryGetProperty("schema", out var schema) && schema.ValueKind == JsonValueKind.Object)
                {
                    Assert.True(schema.TryGetProperty("$ref", out _) || schema.GetProperty("type").GetString() != "object", $"{where}: a schema without a name");
                }

                Assert.All(element.EnumerateObject(), property => Walk(property.Value, $"{where}.{property.Name}"));
            }
        }
    }

    private static void Prepare(TestServer server, ApiOperation operation)
    {
        if (operation.Method is "GET" or "HEAD" && File.Exists(server.Files.Locate("/file.txt")))
        {
            return;
        }

        server.Files.Write("/file.txt", "0123456789"u8.ToArray());
        server.Files.Write("/full/\u6587\u4EF6 \U0001F600.txt", "x"u8.ToArray());
        if (!Directory.Exists(server.Files.Locate("/empty")))
        {
            server.Files.CreateFolder("/empty");
        }
    }

    /// <returns>The status.</returns>
    private static async Task<string> CheckAsync(ApiDocument document, GatewayHost gateway, ApiRequest request, int seed)
    {
        using var message = request.ToMessage(gateway.BaseAddress);
        using var response = await gateway.Client.SendAsync(message);
        var what = $"{request} (seed {seed})";
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(
            request.Operation.Description.GetProperty("responses").TryGetProperty(status, out var described),
            $"{what}: {status} is not described: {System.Text.Encoding.UTF8.GetString(body)}");
        Assert.True(status != "500", $"{what}: {System.Text.Encoding.UTF8.GetString(body)}");

        var known = described.TryGetProperty("headers", out var headers) ? headers.EnumerateObject().Select(header => header.Name).ToList() : [];
        var present = response.Headers.NonValidated.Select(header => header.Key).Concat(response.Content.Headers.NonValidated.Select(header => header.Key));
        Assert.All(present.Except(s_general, StringComparer.OrdinalIgnoreCase), name => Assert.True(known.Contains(name, StringComparer.OrdinalIgnoreCase), $"{what}: {name} of {status} is not described"));

        if (request.Operation.Method == "HEAD" || body.Length == 0)
        {
            return status;
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        var contents = described.GetProperty("content");
        if (!contents.TryGetProperty(type ?? "", out var content))
        {
            Assert.True(contents.TryGetProperty("application/octet-stream", out _), $"{what}: {type} of {status} is not described");
            return status;
        }

        if (type is "application/json" or "application/problem+json" or "application/health+json")
        {
            var fault = document.FindFault(content.GetProperty("schema"), JsonDocument.Parse(body).RootElement);
            Assert.True(fault is null, $"{what}: {fault}");
        }

        return status;
    }
}
