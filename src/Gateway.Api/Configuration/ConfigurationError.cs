namespace Gateway.Api.Configuration;

/// <summary>One thing that is wrong in the configuration.</summary>
/// <param name="Key">The full key: <c>Gateway:Backends:erp:Port</c>.</param>
/// <param name="Message">What to write instead; never the value of a secret.</param>
internal readonly record struct ConfigurationError(string Key, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key}: {Message}";
}
