namespace Gateway.Testing.Fakes.Memory;

/// <summary>The section <c>Memory</c> of a backend.</summary>
public sealed class MemoryOptions
{
    public string? Token { get; set; }

    public IList<string> Names { get; } = [];
}
