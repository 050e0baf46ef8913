using Gateway.Api.Identity;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Gateway.Api.OpenApi;

/// <summary>What concerns the document as a whole.</summary>
internal sealed class DocumentFilter : IDocumentFilter
{
    private const string ApiKey = "apiKey";
    private const string Bearer = "bearer";

    /// <inheritdoc/>
    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        swaggerDoc.Servers = [new OpenApiServer { Url = "../", Description = "This gateway" }];
        swaggerDoc.Tags = OpenApiTags.All.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }).ToHashSet();
        var components = swaggerDoc.Components ??= new OpenApiComponents();
        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [ApiKey] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = IdentitySchemes.ApiKeyHeader,
                Description = "An API key, `gw_` and 51 characters. It may also stand in `Authorization: Bearer`.",
            },
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "A token of the OpenID Connect authority that is configured, or an API key.",
            },
        };
    }

    /// <summary>What an operation below <c>/v1</c> can be called with: either, or nothing where the gateway lets everybody in.</summary>
    public static List<OpenApiSecurityRequirement> Security(OpenApiDocument document) =>
    [
        new() { [new OpenApiSecuritySchemeReference(ApiKey, document)] = [] },
        new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] },
    ];
}
