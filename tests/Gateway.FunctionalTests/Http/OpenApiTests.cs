using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.OpenApi;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Http;

public sealed class OpenApiTests
{
    [Fact]
    public async Task The_document_names_every_route_and_describes_each_operation()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var document = await ReadDocumentAsync(gateway);

        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"))
            .Order(StringComparer.Ordinal);
        var mapped = gateway.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<OperationDescription>() is not null)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                .Select(method => $"{method} {endpoint.RoutePattern.RawText!.Replace("{**path}", "{path}", StringComparison.Ordinal)}"))
            .Order(StringComparer.Ordinal);
        Assert.Equal(mapped, described);

        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, operation) in Operations(document))
        {
            Assert.True(ids.Add(operation.GetProperty("operationId").GetString()!), name);
            Assert.True(operation.GetProperty("summary").GetString()!.Length > 5, name);
            Assert.True(operation.GetProperty("description").GetString()!.Length > 30, name);
            Assert.Single(operation.GetProperty("tags").EnumerateArray());
            List<JsonElement> parameters = operation.TryGetProperty("parameters", out var list) ? [.. list.EnumerateArray()] : [];
            foreach (var parameter in parameters)
            {
                Assert.True(parameter.GetProperty("description").GetString()!.Length > 8, name);
                Assert.True(parameter.GetProperty("in").GetString() != "path" || parameter.TryGetProperty("example", out _), name);
            }

            foreach (var placeholder in name.Split('{').Skip(1).Select(part => part[..part.IndexOf('}', StringComparison.Ordinal)]))
            {
                Assert.Contains(parameters, p => p.GetProperty("name").GetString() == placeholder);
            }
        }
    }

    [Fact]
    public async Task No_answer_has_a_status_or_header_that_the_document_does_not_have()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:MaxUploadBytes", "10"));
        var document = await ReadDocumentAsync(gateway);
        gateway.Backend.AddFile("/a", "hello"u8.ToArray());
        gateway.Backend.AddFile("/folder/b", []);
        gateway.Backend.AddFile("/broken", []);
        var everywhere = Enum.GetValues<BackendError>().Where(error => CommonProblems.Backend.Contains(ProblemTypes.For(error))).ToArray();
        gateway.Backend.Before = (operation, path, _) => path.Name == "broken"
            ? throw new BackendException(everywhere[Random.Shared.Next(everywhere.Length)], "It broke.")
            : default;
        var answers = 0;
        string[] names = ["a", "folder", "missing", "broken", "a/b", "%ff", ""];
        (string, string)[][] headers =
        [
            [], [("Range", "bytes=1-2")], [("Range", "bytes=9-")], [("If-None-Match", "*")], [("If-Match", "\"x\"")], [("If-Match", "x")],
            [("Accept", "application/x-ndjson")], [("Accept", "image/png")], [("Content-Range", "bytes 0-1/2")], [("Content-Encoding", "gzip")],
        ];
        foreach (var (name, operation) in Operations(document))
        {
            var (method, template) = (name.Split(' ')[0], name.Split(' ')[1]);
            foreach (var backend in template.Contains("{backend}", StringComparison.Ordinal) ? new[] { "files", "nobody" } : [""])
            {
                foreach (var file in template.Contains("{path}", StringComparison.Ordinal) ? names : [""])
                {
                    foreach (var header in headers)
                    {
                        foreach (var query in new[] { "", "?recursive=true&limit=1&sort=size", "?recursive=x&limit=x&follow=x&disposition=x" })
                        {
                            var path = template.Replace("{backend}", backend, StringComparison.Ordinal).Replace("{path}", file, StringComparison.Ordinal);
                            await CheckAsync(method, path + query, header, operation, $"{name} {path}{query} {string.Join(' ', header)}");
                            answers++;
                        }
                    }
                }
            }
        }

        Assert.True(answers > 1000);

        async Task CheckAsync(string method, string path, (string, string)[] header, JsonElement operation, string what)
        {
            var body = method switch
            {
                "PUT" => new ByteArrayContent(new byte[Random.Shared.Next(2) * 11]),
                "POST" => new StringContent("""{"from":"/missing","to":"/b"}""", Encoding.UTF8, "application/json"),
                _ => null,
            };
            if (body is null && header is [("Content-Range" or "Content-Encoding", _)])
            {
                return;
            }

            using var response = await gateway.SendAsync(new HttpMethod(method), path, body, header);
            var status = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(operation.GetProperty("responses").TryGetProperty(status, out var described), $"{what}: {status} is not described");
            CheckHeaders(response, described, what);
            CheckContent(response, described, method, what);
            if (method is "DELETE" or "PUT")
            {
                gateway.Backend.AddFile("/a", "hello"u8.ToArray());
                gateway.Backend.AddFile("/folder/b", []);
            }
        }
    }

    [Fact]
    public async Task Every_operation_below_v1_tells_what_it_is_called_with_and_how_it_refuses()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var document = await ReadDocumentAsync(gateway);

        var schemes = document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(scheme => scheme.Name).ToList();
        Assert.Equal(["apiKey", "bearer"], schemes.Order(StringComparer.Ordinal));
        foreach (var path in document.GetProperty("paths").EnumerateObject().Where(path => path.Name.StartsWith("/v1/", StringComparison.Ordinal)))
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var named = operation.Value.GetProperty("security").EnumerateArray().SelectMany(one => one.EnumerateObject()).Select(scheme => scheme.Name);
                Assert.Equal(schemes.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
                Assert.True(operation.Value.GetProperty("responses").TryGetProperty("401", out _), path.Name);
                Assert.True(path.Name == "/v1/backends" || operation.Value.GetProperty("responses").TryGetProperty("403", out _), path.Name);
            }
        }
    }

    [Fact]
    public async Task Documents_have_exactly_the_properties_that_they_are_described_with()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "hello"u8.ToArray());
        await gateway.Host.WaitUntilReadyAsync();
        var document = await ReadDocumentAsync(gateway);
        foreach (var path in new[]
        {
            "/v1/backends", "/v1/backends/{backend}", "/v1/backends/{backend}/directories/{path}", "/v1/backends/{backend}/entries/{path}",
            "/health", "/health/ready", "/health/live", "/problems",
        })
        {
            var response = document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("200");
            var content = response.GetProperty("content").EnumerateObject().First().Value;
            using var answer = await gateway.GetAsync(path.Replace("{backend}", "files", StringComparison.Ordinal).Replace("{path}", "", StringComparison.Ordinal));

            Compare(content.GetProperty("schema"), await MemoryGateway.ReadJsonAsync(answer), path);
            Compare(content.GetProperty("schema"), content.GetProperty("example"), path + " example");
        }

        using var missing = await gateway.GetAsync("files/missing");
        Compare(document.GetProperty("components").GetProperty("schemas").GetProperty("Problem"), JsonDocument.Parse(await missing.Content.ReadAsStringAsync()).RootElement, "problem");

        void Compare(JsonElement schema, JsonElement value, string where)
        {
            while (schema.TryGetProperty("$ref", out var reference) || (schema.TryGetProperty("allOf", out var all) && all[0].TryGetProperty("$ref", out reference)))
            {
                schema = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
            }

            if (value.ValueKind == JsonValueKind.Array)
            {
                Assert.All(value.EnumerateArray(), item => Compare(schema.GetProperty("items"), item, where + "[]"));
            }
            else if (value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties))
            {
                var present = value.EnumerateObject().Select(p => where + "." + p.Name).ToHashSet(StringComparer.Ordinal);
                Assert.Superset(schema.GetProperty("required").EnumerateArray().Select(name => $"{where}.{name}").ToHashSet(StringComparer.Ordinal), present);
                Assert.Subset(properties.EnumerateObject().Select(p => where + "." + p.Name).ToHashSet(StringComparer.Ordinal), present);
                Assert.All(value.EnumerateObject(), p => Compare(properties.GetProperty(p.Name), p.Value, where + "." + p.Name));
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                Assert.All(value.EnumerateObject(), p => Compare(schema.GetProperty("additionalProperties"), p.Value, where + "." + p.Name));
            }
        }
    }

    [Fact]
    public async Task Swagger_UI_finds_the_document_and_keeps_slashes_in_paths()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var short_ = await gateway.GetAsync("/swagger");
        using var page = await gateway.GetAsync("/swagger/index.html");
        using var script = await gateway.GetAsync("/swagger/index.js");

        Assert.Equal(301, (int)short_.StatusCode);
        Assert.Contains("swagger-ui", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var text = await script.Content.ReadAsStringAsync();
        Assert.Contains("../openapi/v1.json", text, StringComparison.Ordinal);
        Assert.Contains("%2F", text, StringComparison.Ordinal);
    }

    private static void CheckHeaders(HttpResponseMessage response, JsonElement described, string what)
    {
        var known = described.TryGetProperty("headers", out var headers) ? headers.EnumerateObject().Select(h => h.Name).ToHashSet(StringComparer.OrdinalIgnoreCase) : [];
        string[] general =
        [
            "Date", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Cache-Control", "Vary", .. SecurityHeaders.Always.Select(header => header.Key),
        ];
        var present = response.Headers.NonValidated.Select(h => h.Key).Concat(((HttpHeaders)response.Content.Headers).NonValidated.Select(h => h.Key));
        Assert.All(present.Except(general, StringComparer.OrdinalIgnoreCase), name => Assert.True(known.Contains(name), $"{what}: {name} is not described"));
    }

    private static void CheckContent(HttpResponseMessage response, JsonElement described, string method, string what)
    {
        if (method != "HEAD" && response.Content.Headers.ContentType?.MediaType is { } type)
        {
            var types = described.GetProperty("content").EnumerateObject().Select(c => c.Name).ToList();
            Assert.True(types.Contains(type) || types.Contains("application/octet-stream"), $"{what}: {type} is not described");
        }
    }

    private static async Task<JsonElement> ReadDocumentAsync(MemoryGateway gateway)
    {
        using var response = await gateway.GetAsync("/openapi/v1.json");
        return await MemoryGateway.ReadJsonAsync(response);
    }

    private static IEnumerable<(string Name, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);
}
