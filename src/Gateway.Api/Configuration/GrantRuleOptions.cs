namespace Gateway.Api.Configuration;

/// <summary>One rule of a grant.</summary>
internal sealed class GrantRuleOptions
{
    /// <summary>Name of a backend.</summary>
    public string? Backend { get; set; }

    /// <summary>Pattern of paths: <c>/reports/**</c>.</summary>
    public string? Path { get; set; }

    /// <summary>What is allowed there.</summary>
    public List<GrantVerb> Allow { get; set; } = [];
}
