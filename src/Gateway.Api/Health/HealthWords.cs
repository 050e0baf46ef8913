using Gateway.Broker.Pooling;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Api.Health;

/// <summary>The words of the health documents.</summary>
internal static class HealthWords
{
    public const string Pass = "pass";
    public const string Warn = "warn";
    public const string Fail = "fail";

    /// <summary>The word for a status of the framework.</summary>
    public static string Of(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => Pass,
        HealthStatus.Degraded => Warn,
        _ => Fail,
    };

    /// <summary>The word for a breaker's state.</summary>
    public static string Of(CircuitState state) => state switch
    {
        CircuitState.Closed => "closed",
        CircuitState.Open => "open",
        _ => "half-open",
    };
}
