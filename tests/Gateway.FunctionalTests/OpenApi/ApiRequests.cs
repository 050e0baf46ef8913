using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.FunctionalTests.OpenApi;

/// <summary>
/// Makes requests for an operation from nothing but its description: every parameter with values that fit it and with values that do not, each
/// by itself, then all of them mixed by chance.
/// </summary>
/// <param name="random">Mixes.</param>
/// <param name="backends">Values of <c>{backend}</c>, the best first.</param>
/// <param name="paths">Values of <c>{path}</c>.</param>
internal sealed partial class ApiRequests(Random random, IReadOnlyList<string> backends, IReadOnlyList<string> paths)
{
    private const string Long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// <summary>The requests.</summary>
    /// <param name="operation">For what.</param>
    /// <param name="mixed">How many mixed ones.</param>
    public IEnumerable<ApiRequest> Make(ApiOperation operation, int mixed)
    {
        var targets = MakeTargets(operation);
        var bodies = MakeBodies(operation);
        foreach (var target in targets)
        {
            yield return Build(operation, target, [], bodies[0]);
        }

        foreach (var body in bodies)
        {
            yield return Build(operation, targets[0], [], body);
        }

        var others = operation.Parameters.Where(parameter => parameter.GetProperty("in").GetString() != "path").ToList();
        foreach (var parameter in others)
        {
            foreach (var value in MakeValues(parameter))
            {
                foreach (var target in targets.Take(3))
                {
                    yield return Build(operation, target, [(parameter, value)], bodies[0]);
                }
            }
        }

        foreach (var (name, value) in new[] { ("Accept", "image/png"), ("Accept", "text/html"), ("Accept", "application/x-ndjson"), ("Accept", "application/zip;q=0.5, */*;q=0.1"), ("Accept", ";;;") })
        {
            foreach (var target in targets.Take(3))
            {
                var plain = Build(operation, target, [], bodies[0]);
                yield return plain with { Headers = [(name, value)] };
            }
        }

        for (var i = 0; i < mixed && others.Count + targets.Count > 1; i++)
        {
            var chosen = others.Where(_ => random.Next(3) == 0).Select(parameter => (parameter, Pick(MakeValues(parameter)))).ToList();
            yield return Build(operation, Pick(targets), chosen, Pick(bodies));
        }
    }

    private static ApiRequest Build(ApiOperation operation, string target, IReadOnlyList<(JsonElement Parameter, string Value)> values, (string? Type, byte[]? Content) body)
    {
        var query = values.Where(value => In(value.Parameter, "query")).Select(value => $"{Name(value.Parameter)}={Uri.EscapeDataString(value.Value)}").ToList();
        var headers = values.Where(value => In(value.Parameter, "header")).Select(value => (Name(value.Parameter), value.Value)).ToList();
        return new ApiRequest(operation, query.Count == 0 ? target : $"{target}?{string.Join('&', query)}", headers, body.Type, body.Content);
    }

    private List<string> MakeTargets(ApiOperation operation)
    {
        var targets = new List<string> { operation.Path };
        return operation.Parameters.Where(parameter => In(parameter, "path")).Aggregate(targets, (sofar, parameter) =>
        {
            var values = Name(parameter) == "backend" ? backends : paths;
            return [.. sofar.SelectMany(target => values.Select(value => target.Replace($"{{{Name(parameter)}}}", value, StringComparison.Ordinal)))];
        });
    }

    private static List<string> MakeValues(JsonElement parameter)
    {
        var schema = parameter.GetProperty("schema");
        var values = new List<string>();
        if (Examples().Match(parameter.GetProperty("description").GetString()!) is { Success: true } example)
        {
            values.Add(example.Groups[1].Value);
        }

        if (schema.TryGetProperty("enum", out var choices))
        {
            values.AddRange(choices.EnumerateArray().Select(choice => choice.ToString()));
        }

        values.AddRange(schema.GetProperty("type").GetString() switch
        {
            "boolean" => ["true", "false", "maybe"],
            "integer" => ["1", "2", "0", "-1", "1.5", "99999999999999999999", "x"],
            _ => [],
        });
        values.AddRange(["", "x", "*", "\"tag\"", "W/\"tag\"", "bytes=0-0", "bytes=5-", "bytes=-2,0-0", "bytes=99-", "Sat, 01 Mar 2025 12:00:00 GMT", "sha-256=:AA==:", "sha-256=5, sha-512=1", "[", Long]);
        return values;
    }

    private static List<(string? Type, byte[]? Content)> MakeBodies(ApiOperation operation)
    {
        var bodies = new List<(string?, byte[]?)>();
        foreach (var body in operation.Bodies)
        {
            if (body.Value.TryGetProperty("example", out var example))
            {
                bodies.Add((body.Name, Encoding.UTF8.GetBytes(example.ToString())));
            }

            if (body.Name == "multipart/form-data")
            {
                bodies.Add(("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"form.txt\"\r\n\r\nhello\r\n--b--\r\n"u8.ToArray()));
            }

            bodies.Add((body.Name, "hello"u8.ToArray()));
            bodies.Add((body.Name, []));
            bodies.Add((body.Name, "{}"u8.ToArray()));
            bodies.Add((body.Name, "{\"from\":\"/a\",\"to\":\"/a/b\"}"u8.ToArray()));
            bodies.Add((body.Name, "{\"from\":\"/../x\",\"to\":null}"u8.ToArray()));
            bodies.Add(("image/png", [1, 2, 3]));
            bodies.Add((body.Name, new byte[200_000]));
        }

        bodies.Add((null, null));
        return bodies;
    }

    private T Pick<T>(List<T> values) => values[random.Next(values.Count)];

    private static bool In(JsonElement parameter, string place) => parameter.GetProperty("in").GetString() == place;

    private static string Name(JsonElement parameter) => parameter.GetProperty("name").GetString()!;

    [GeneratedRegex("For example `(.+)`\\.$")]
    private static partial Regex Examples();
}
