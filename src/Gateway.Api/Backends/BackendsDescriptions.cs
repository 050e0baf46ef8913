using Gateway.Api.Errors;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Backends;

/// <summary>The operations of <c>/v1/backends</c>, described.</summary>
internal static class BackendsDescriptions
{
    private const string Example = """
        { "name": "reports", "protocol": "sftp", "readOnly": false,
          "capabilities": { "atomicReplace": true, "atomicCreate": true, "setModified": true, "setPermissions": true, "fsync": true,
            "serverSideCopy": false, "resolvesSymlinks": true, "exactListings": true },
          "pool": { "idle": 1, "leased": 0, "leases": 0, "opening": 0, "waiting": 0, "max": 8, "oldestLeaseSeconds": null }, "circuit": "closed" }
        """;

    public static readonly OperationDescription List = new()
    {
        Id = "listBackends",
        Tag = OpenApiTags.Backends,
        Summary = "List the backends",
        Description = "Every configured backend with its protocol, what its server can do, and its connections at this moment. Hosts and accounts are not told.",
        Responses =
        [
            new(200, "The backends, by name.")
            {
                Bodies = [new("application/json", "", typeof(BackendsDocument), $$"""{ "backends": [ {{Example}} ] }""")],
            },
        ],
        Problems = [ProblemTypes.TooManyRequests, ProblemTypes.ShuttingDown, ProblemTypes.InternalError],
    };

    public static readonly OperationDescription Get = new()
    {
        Id = "getBackend",
        Tag = OpenApiTags.Backends,
        Summary = "Show one backend",
        Description = "As in the list. `capabilities` is null until a first connection was open.",
        Parameters = [CommonParameters.Backend],
        Responses = [new(200, "The backend.") { Bodies = [new("application/json", "", typeof(BackendDocument), Example)] }],
        Problems = [ProblemTypes.BackendNotFound, ProblemTypes.InvalidPath, ProblemTypes.TooManyRequests, ProblemTypes.ShuttingDown, ProblemTypes.InternalError],
    };
}
