namespace Gateway.Api.OpenApi;

/// <summary>Maps operations so that the OpenAPI document sees them.</summary>
internal static class OperationRoutes
{
    /// <summary>
    /// Maps a handler that reads the request by itself. The method is put among the metadata: the framework only describes endpoints
    /// that have one, and puts it there by itself only for handlers with bound parameters.
    /// </summary>
    public static IEndpointConventionBuilder MapOperation(
        this IEndpointRouteBuilder routes, string method, string pattern, RequestDelegate handler) =>
        routes.MapMethods(pattern, [method], handler).WithMetadata(handler.Method);
}
