namespace Gateway.Api.Configuration;

/// <summary>The <c>Cors</c> section.</summary>
internal sealed class CrossOriginOptions
{
    /// <summary>Origins that may call from a browser (<c>https://app.example.com</c>), or the single entry <c>*</c>.</summary>
    public List<string> Origins { get; set; } = [];
}
