using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Gateway.Api.OpenApi;

/// <summary>
/// What the gateway sends, it sends whole: every property is there, if only as null, but for those that are said to be left out. So
/// generated clients can rely on it.
/// </summary>
internal sealed class RequiredProperties : ISchemaFilter
{
    private static readonly HashSet<Type> s_requests = [typeof(Moves.MoveDocument), typeof(Copies.CopyDocument), typeof(Entries.EntryPatchDocument), typeof(Links.LinkRequestDocument)];

    /// <inheritdoc/>
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is OpenApiSchema { Properties: { Count: > 0 } properties } document && !s_requests.Contains(context.Type))
        {
            document.Required = properties.Keys.Where(name => !MayBeAbsent(context.Type, name)).ToHashSet(StringComparer.Ordinal);
        }
    }

    private static bool MayBeAbsent(Type type, string name) =>
        type.GetProperty(name, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance)?
            .GetCustomAttribute<JsonIgnoreAttribute>()?.Condition == JsonIgnoreCondition.WhenWritingNull;
}
