namespace Gateway.Api.Configuration;

/// <summary>Puts a provider among the sources.</summary>
/// <param name="provider">The provider.</param>
internal sealed class PolledConfigurationSource(PolledConfigurationProvider provider) : IConfigurationSource
{
    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => provider;
}
