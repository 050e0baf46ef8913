using Gateway.Broker.Backends;

namespace Gateway.Api.Configuration;

/// <summary>One entry of <c>Identity:ApiKeys</c>.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>Salted hash of the key.</summary>
    public Secret? Hash { get; set; }

    /// <summary>Last day on which it is valid, UTC; null for no end.</summary>
    public DateOnly? Expires { get; set; }

    /// <summary>Names of grants.</summary>
    public List<string> Grants { get; set; } = [];
}
