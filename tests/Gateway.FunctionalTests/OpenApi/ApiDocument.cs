using System.Globalization;
using System.Text.Json;

namespace Gateway.FunctionalTests.OpenApi;

/// <summary>The gateway's OpenAPI document, as a client generator reads it.</summary>
internal sealed class ApiDocument
{
    private readonly JsonElement _root;

    private ApiDocument(JsonElement root) => _root = root;

    /// <summary>Reads it from a gateway.</summary>
    public static async Task<ApiDocument> ReadAsync(HttpClient client) =>
        new(JsonDocument.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement);

    /// <summary>The whole document.</summary>
    public JsonElement Root => _root;

    /// <summary>Every operation.</summary>
    public IEnumerable<ApiOperation> Operations =>
        from path in _root.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select new ApiOperation(operation.Name.ToUpperInvariant(), path.Name, operation.Value);

    /// <summary>Follows a reference; any other element is returned as it is.</summary>
    public JsonElement Resolve(JsonElement element)
    {
        while (element.TryGetProperty("$ref", out var reference))
        {
            var target = _root;
            foreach (var step in reference.GetString()!.Split('/')[1..])
            {
                target = target.GetProperty(step);
            }

            element = target;
        }

        return element;
    }

    /// <summary>What is wrong with a value, by its schema; null where nothing is.</summary>
    public string? FindFault(JsonElement schema, JsonElement value, string where = "$")
    {
        var isNullable = schema.TryGetProperty("nullable", out var nullable) && nullable.GetBoolean();
        schema = Resolve(schema.TryGetProperty("allOf", out var all) ? all[0] : schema);
        isNullable |= schema.TryGetProperty("nullable", out nullable) && nullable.GetBoolean();
        if (value.ValueKind == JsonValueKind.Null)
        {
            return isNullable ? null : $"{where} is null";
        }

        if (schema.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => choice.ToString() == value.ToString()))
        {
            return $"{where}: {value} is none of the described values";
        }

        return (schema.TryGetProperty("type", out var type) ? type.GetString() : null) switch
        {
            "string" => value.ValueKind == JsonValueKind.String ? FindTextFault(schema, value.GetString()!, where) : $"{where} is no string",
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) ? null : $"{where} is no integer",
            "number" => value.ValueKind == JsonValueKind.Number ? null : $"{where} is no number",
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : $"{where} is no boolean",
            "array" => value.ValueKind == JsonValueKind.Array
                ? value.EnumerateArray().Select((item, i) => FindFault(schema.GetProperty("items"), item, $"{where}[{i}]")).FirstOrDefault(fault => fault is not null)
                : $"{where} is no array",
            "object" => value.ValueKind == JsonValueKind.Object ? FindObjectFault(schema, value, where) : $"{where} is no object",
            _ => $"{where}: the schema has no type",
        };
    }

    private static string? FindTextFault(JsonElement schema, string text, string where) =>
        schema.TryGetProperty("format", out var format) && format.GetString() == "date-time"
        && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _)
            ? $"{where} is no time: {text}"
            : null;

    private string? FindObjectFault(JsonElement schema, JsonElement value, string where)
    {
        if (!schema.TryGetProperty("properties", out var properties))
        {
            return value.EnumerateObject()
                .Select(property => FindFault(schema.GetProperty("additionalProperties"), property.Value, $"{where}.{property.Name}"))
                .FirstOrDefault(fault => fault is not null);
        }

        if (schema.TryGetProperty("required", out var required)
            && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is { ValueKind: JsonValueKind.String } missing)
        {
            return $"{where} lacks {missing}";
        }

        return value.EnumerateObject()
            .Select(property => properties.TryGetProperty(property.Name, out var known)
                ? FindFault(known, property.Value, $"{where}.{property.Name}")
                : $"{where}.{property.Name} is not described")
            .FirstOrDefault(fault => fault is not null);
    }
}
