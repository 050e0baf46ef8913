using Gateway.Api.Hosting;
using Gateway.Api.Management;
using Microsoft.OpenApi;

namespace Gateway.Api.OpenApi;

/// <summary>The OpenAPI document and Swagger UI.</summary>
internal static class OpenApiSetup
{
    private const string About = """
        Files on SFTP and FTPS servers, over HTTP.

        - **Callers** show an API key (`X-Api-Key`) or a bearer token, unless the gateway lets everybody in. What a caller has no right on at
          all does not exist for it: 404; with some other right there it is 403.
        - **Paths** are the rest of the URL, percent-encoded UTF-8, rooted at the backend's configured folder.
        - **Uploads are whole or absent**: bytes go to a temporary name and get the final one when the server has confirmed all of them.
        - **Downloads that break look broken**: after the first byte a failure cuts the connection; it never ends cleanly.
        - **Errors** are `application/problem+json` (RFC 9457) with a stable `type`; the table is at [/problems](../problems).
        - **Caching**: `ETag`, `Last-Modified` and conditional requests as in RFC 9110. The tag of a file younger than its server's
          clock can tell (2 s) is weak, and so fits no `If-Match` yet.
        - **Limits**: where the operator set some, 429 `too-many-requests` with `Retry-After`; every answer tells in `RateLimit` what is left.
        - **Browsers** are told by every answer to guess no type, frame nothing and pass no URL on (`X-Content-Type-Options`, `X-Frame-Options`,
          `Content-Security-Policy`, `Referrer-Policy`, `Cross-Origin-Resource-Policy`), and by those over HTTPS to stay with it.
        """;

    // Swagger UI encodes the slashes of a path parameter, and %2F is no path here.
    private const string KeepSlashes =
        "(request) => { const at = request.url.indexOf('?'); const path = at < 0 ? request.url : request.url.slice(0, at); "
        + "request.url = path.replace(/%2F/gi, '/') + (at < 0 ? '' : request.url.slice(at)); return request; }";

    public static void AddGatewayOpenApi(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.ConfigureHttpJsonOptions(options =>
        {
            // What Swashbuckle describes is what GatewayJson writes.
            var documents = GatewayJson.CreateOptions();
            options.SerializerOptions.PropertyNamingPolicy = documents.PropertyNamingPolicy;
            foreach (var converter in documents.Converters)
            {
                options.SerializerOptions.Converters.Add(converter);
            }
        });
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo { Title = "Gateway", Version = "v1", Description = About });
            options.OperationFilter<OperationFilter>();
            options.DocumentFilter<DocumentFilter>();
            options.SchemaFilter<RequiredProperties>();
            options.SupportNonNullableReferenceTypes();
            options.UseAllOfToExtendReferenceSchemas();
            options.CustomSchemaIds(type => type.Name.Replace("Document", "", StringComparison.Ordinal));
            options.IncludeXmlComments(Path.Combine(AppContext.BaseDirectory, "Gateway.Api.xml"));
        });
    }

    /// <summary>Where the operators' port is another one, what the document describes is elsewhere.</summary>
    private static void NamePublicAddress(OpenApiDocument document, HttpRequest request)
    {
        if (request.HttpContext.RequestServices.GetRequiredService<ManagementPort>().FindPublicAddress(request) is { } address)
        {
            document.Servers = [new OpenApiServer { Url = address + "/", Description = "This gateway" }];
        }
    }

    public static void MapGatewayOpenApi(this WebApplication app)
    {
        app.MapSwagger("/openapi/{documentName}.json", options => options.PreSerializeFilters.Add(NamePublicAddress));

        // In a branch of its own: it need not look at every request.
        app.UseWhen(static context => context.Request.Path.StartsWithSegments("/swagger", StringComparison.OrdinalIgnoreCase), branch => branch.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "swagger";
            options.DocumentTitle = "Gateway";
            options.UseRequestInterceptor(KeepSlashes);

            // Relative, for proxies that put the gateway below a prefix.
            options.SwaggerEndpoint("../openapi/v1.json", "Gateway v1");
        }));
    }
}
