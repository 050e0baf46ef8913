namespace Gateway.Api.OpenApi;

/// <summary>Maps operations so that the OpenAPI document sees them.</summary>
internal static class OperationRoutes
{
    /// <summary>
    /// Maps a handler that reads the request by itself. The method is put among the metadata: the framework only describes endpoints
    /// that have one, and puts it there by itself only for handlers with bound parameters.
    /// </summary>
    public static IEndpointConventionBuilder MapOperation(
        this IEndpointRouteBuilder routes, string method, string pattern, RequestDelegate handler, OperationDescription description) =>
        routes.MapMethods(pattern, [method], handler).WithMetadata(handler.Method, description);

    /// <summary>Maps <c>GET</c>, and <c>HEAD</c> to the same handler, which leaves out the body.</summary>
    public static IEndpointConventionBuilder MapRead(
        this IEndpointRouteBuilder routes, string pattern, RequestDelegate handler, OperationDescription description) =>
        routes.MapMethods(pattern, ["GET", "HEAD"], handler).WithMetadata(handler.Method, description);
}
