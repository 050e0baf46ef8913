namespace Gateway.Api.Configuration;

/// <summary>Where the configuration comes from.</summary>
internal static class GatewaySources
{
    /// <summary>Environment variable with the path of a JSON file.</summary>
    public const string ConfigVariable = "GATEWAY_CONFIG";

    /// <summary>Environment variable with the path of a directory of secrets.</summary>
    public const string SecretsVariable = "GATEWAY_SECRETS";

    /// <summary>
    /// Replaces the framework's sources by the gateway's; later ones win. <c>ASPNETCORE_URLS</c> and its like work as everywhere.
    /// </summary>
    /// <exception cref="InvalidConfigurationException">A source cannot be read.</exception>
    public static void UseGatewaySources(this ConfigurationManager configuration, string[] args)
    {
        configuration.Sources.Clear();
        configuration.AddEnvironmentVariables("DOTNET_");
        configuration.AddEnvironmentVariables("ASPNETCORE_");
        configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true, reloadOnChange: false);

        if (Environment.GetEnvironmentVariable(ConfigVariable) is { Length: > 0 } file)
        {
            configuration.Sources.Add(new PolledConfigurationSource(new JsonFileConfigurationProvider(Path.GetFullPath(file))));
        }

        if (Environment.GetEnvironmentVariable(SecretsVariable) is { Length: > 0 } directory)
        {
            configuration.Sources.Add(new PolledConfigurationSource(new SecretDirectoryConfigurationProvider(Path.GetFullPath(directory))));
        }

        configuration.AddEnvironmentVariables();
        configuration.AddCommandLine(args);
    }
}
