using Gateway.Api.Errors;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Health;

/// <summary>The operations of <c>/health</c>, described.</summary>
internal static class HealthDescriptions
{
    public const string ContentType = "application/health+json";

    public static readonly OperationDescription Live = new()
    {
        Id = "getLiveness",
        Tag = OpenApiTags.Health,
        Summary = "Is the process alive?",
        Description = "200 while the process turns its event loop. For a liveness probe: an answer that fails means a restart.",
        Responses = [new(200, "Alive.") { Bodies = [Status("pass")] }],
    };

    public static readonly OperationDescription Ready = new()
    {
        Id = "getReadiness",
        Tag = OpenApiTags.Health,
        Summary = "Does it take traffic?",
        Description = "503 until the first attempt to connect to each backend has ended, well or badly, and while the gateway stops. A dead backend does not count.",
        Responses =
        [
            new(200, "Ready.") { Bodies = [Status("pass")] },
            new(503, "Starting or stopping.") { Bodies = [Status("fail")] },
        ],
    };

    public static readonly OperationDescription Details = new()
    {
        Id = "getHealth",
        Tag = OpenApiTags.Health,
        Summary = "How is every backend?",
        Description = """
            Each pool's connections, its circuit breaker, and what went wrong last. `status` of the whole is `pass`, `warn` where some backend
            fails, `fail` where every one does or the gateway stops. For operators: at `Management:Port`, or with the right `admin`.
            """,
        Responses =
        [
            new(200, "`pass` or `warn`.") { Bodies = [Pools("pass")] },
            new(503, "`fail`.") { Bodies = [Pools("fail")] },
        ],
        Problems = [ProblemTypes.Unauthorized, ProblemTypes.Forbidden],
    };

    private static BodyDescription Status(string status) =>
        new(ContentType, "", typeof(StatusDocument), $$"""{ "status": "{{status}}", "detail": null }""");

    private static BodyDescription Pools(string status) => new(ContentType, "", typeof(HealthDocument), $$"""
        { "status": "{{status}}", "backends": { "reports": { "status": "{{status}}", "protocol": "sftp",
          "pool": { "idle": 1, "leased": 0, "leases": 0, "opening": 0, "waiting": 0, "max": 8, "oldestLeaseSeconds": null }, "circuit": "closed", "lastError": null } } }
        """);
}
