using Gateway.Api.Hosting;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Errors;

/// <summary>The table of problems, for people and programs.</summary>
internal static class ProblemsEndpoints
{
    public static void MapProblems(this IEndpointRouteBuilder routes) => routes.MapRead("/problems", SendAsync, ProblemsDescriptions.List);

    private static Task SendAsync(HttpContext context) =>
        JsonResponse.WriteAsync(context, ProblemTypesDocument.All, GatewayJson.Documents.ProblemTypesDocument);
}
