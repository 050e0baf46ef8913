using Gateway.Api.Errors;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Gateway.Api.Forms;

/// <summary>
/// A form is the one change that a browser sends for any site without asking first (no CORS preflight): a stranger's page could store
/// files through its visitor's network. So a form of a browser must come from the gateway's own origin, or from one of <c>Cors:Origins</c>.
/// </summary>
internal sealed class FormOrigin(ICorsPolicyProvider policies)
{
    /// <summary>Refuses a form that another site's page sends. Clients that are no browsers send no <c>Origin</c>, and pass.</summary>
    /// <exception cref="ProblemException">It is one.</exception>
    public async ValueTask RequireAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Origin is not [{ Length: > 0 } origin] || IsOwn(request, origin))
        {
            return;
        }

        var policy = await policies.GetPolicyAsync(context, policyName: null);
        if (policy is null || !(policy.AllowAnyOrigin || policy.IsOriginAllowed(origin)))
        {
            throw new ProblemException(ProblemTypes.Forbidden, "The form comes from a page of another site; an operator can allow that site with Cors:Origins.");
        }
    }

    /// <summary>The scheme is not compared: behind a proxy that ends TLS it may be another on the way here.</summary>
    private static bool IsOwn(HttpRequest request, string origin) =>
        string.Equals(request.Headers["Sec-Fetch-Site"], "same-origin", StringComparison.Ordinal)
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
}
