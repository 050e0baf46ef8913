using System.Net;
using Gateway.Api.Limits;
using Gateway.Api.Links;

namespace Gateway.Api.Configuration;

/// <summary>A configuration that was found valid, in the form that is used. Immutable: a change makes a new one.</summary>
internal sealed record GatewaySettings
{
    /// <summary>The backends by name.</summary>
    public required IReadOnlyDictionary<string, ConfiguredBackend> Backends { get; init; }

    /// <summary>Who is let in.</summary>
    public required IdentitySettings Identity { get; init; }

    /// <summary>What presigned links are made with; null where there are none.</summary>
    public LinkSettings? Links { get; init; }

    /// <summary>Browser origins that may call; <c>*</c> for all.</summary>
    public required IReadOnlyList<string> CorsOrigins { get; init; }

    /// <summary>Proxies whose forwarded headers are believed.</summary>
    public required IReadOnlyList<IPNetwork> KnownProxies { get; init; }

    /// <summary>How much callers may ask for.</summary>
    public required LimitSettings Limits { get; init; }

    /// <summary>Port of the operators' surface; null where it shares the public one.</summary>
    public required int? ManagementPort { get; init; }

    /// <summary>How long running transfers may take to finish after SIGTERM.</summary>
    public required TimeSpan ShutdownTimeout { get; init; }
}
