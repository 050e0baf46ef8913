using Microsoft.Extensions.Configuration.Json;

namespace Gateway.Api.Configuration;

/// <summary>The JSON file named by <c>GATEWAY_CONFIG</c>.</summary>
/// <param name="path">Its path.</param>
internal sealed class JsonFileConfigurationProvider(string path) : PolledConfigurationProvider
{
    /// <inheritdoc/>
    protected override string Origin => GatewaySources.ConfigVariable;

    /// <inheritdoc/>
    protected override Dictionary<string, string?> Read()
    {
        using var file = File.OpenRead(path);
        return new JsonReader().Read(file);
    }

    /// <summary>The framework's reader of JSON configuration, with its comments and trailing commas.</summary>
    private sealed class JsonReader() : JsonStreamConfigurationProvider(new JsonStreamConfigurationSource())
    {
        public Dictionary<string, string?> Read(Stream stream)
        {
            try
            {
                Load(stream);
            }
            catch (System.Text.Json.JsonException exception)
            {
                throw new FormatException("The file is not valid JSON: " + exception.Message, exception);
            }

            return new Dictionary<string, string?>(Data, StringComparer.OrdinalIgnoreCase);
        }
    }
}
