namespace Gateway.Api.Management;

/// <summary>For whom a path is.</summary>
internal enum Surface
{
    /// <summary>Callers: <c>/v1</c>, and whatever is none of the others.</summary>
    Public,

    /// <summary>Operators: details of the backends, metrics, Swagger UI.</summary>
    Operators,

    /// <summary>Everybody who may ask at all: probes, and the table of problems.</summary>
    Shared,
}
