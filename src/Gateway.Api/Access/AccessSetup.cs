using Gateway.Api.Identity;
using Gateway.Api.Limits;

namespace Gateway.Api.Access;

/// <summary>What callers may do.</summary>
internal static class AccessSetup
{
    /// <summary>Who calls, then how often it may, then what. To stand behind routing.</summary>
    public static void UseAccess(this IApplicationBuilder app)
    {
        // As UseAuthentication does: else the host puts the framework's own middleware in front of everything, and each request is judged twice.
        app.Properties["__AuthenticationMiddlewareSet"] = true;
        app.UseMiddleware<CallerMiddleware>();
        app.UseMiddleware<RequestLimitMiddleware>();
        app.UseMiddleware<AccessMiddleware>();
    }

    /// <summary>Names the right that the route needs.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, RequiredRight right)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(right);
}
