using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gateway.Api.Management;

/// <summary>The port of the operators' surface. Kestrel listens where it did at the start: a setting that changes later waits for the next one.</summary>
/// <param name="settings">The settings at the start.</param>
internal sealed class ManagementPort(CurrentSettings settings)
{
    private static readonly RequiredRight s_administrator = new(GrantVerb.Admin, RightScope.Gateway);

    /// <summary>The port; null where operators and callers share one.</summary>
    public int? Number { get; } = settings.Value.ManagementPort;

    /// <summary>
    /// Whether a request came in there. The connection tells, and nothing that a caller writes: a Host header would say whatever it likes.
    /// </summary>
    public bool TookIn(HttpContext context) => Number is { } port && context.Connection.LocalPort == port;

    /// <summary>
    /// The right that a request for the operators' surface needs: that of an administrator where it came in among callers, none at a port of its
    /// own. By path, as not all of Swagger UI is an endpoint. Null for every other request.
    /// </summary>
    public RequiredRight? RightFor(HttpContext context) =>
        Number is null && Surfaces.Of(context.Request.Path) == Surface.Operators ? s_administrator : null;

    /// <summary>The gateway's address for callers, by the host name under which an operator reached this request, the one with TLS first; null where both share a port.</summary>
    public string? FindPublicAddress(HttpRequest request)
    {
        if (!TookIn(request.HttpContext))
        {
            return null;
        }

        var listeners = request.HttpContext.RequestServices.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return listeners
            .Select(ListenAddresses.TryParse).OfType<BindingAddress>()
            .Where(address => !address.IsUnixPipe && address.Port != Number)
            .OrderByDescending(address => address.Scheme, StringComparer.Ordinal)
            .Select(address => $"{address.Scheme}://{new HostString(request.Host.Host, address.Port)}")
            .FirstOrDefault();
    }
}
