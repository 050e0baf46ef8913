using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Gateway.Api.OpenApi;

/// <summary>What the gateway sends, it sends whole: every property is there, if only as null. So generated clients can rely on it.</summary>
internal sealed class RequiredProperties : ISchemaFilter
{
    /// <inheritdoc/>
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is OpenApiSchema { Properties: { Count: > 0 } properties } document && context.Type != typeof(Moves.MoveDocument))
        {
            document.Required = properties.Keys.ToHashSet(StringComparer.Ordinal);
        }
    }
}
