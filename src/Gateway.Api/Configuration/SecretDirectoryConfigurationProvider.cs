namespace Gateway.Api.Configuration;

/// <summary>
/// The directory named by <c>GATEWAY_SECRETS</c>: one file per key, <c>Gateway__Backends__erp__Password</c>, its text the value.
/// </summary>
/// <param name="directory">Its path.</param>
internal sealed class SecretDirectoryConfigurationProvider(string directory) : PolledConfigurationProvider
{
    private const int MaxBytes = 64 * 1024;

    /// <inheritdoc/>
    protected override string Origin => GatewaySources.SecretsVariable;

    /// <inheritdoc/>
    protected override Dictionary<string, string?> Read()
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (!Directory.Exists(directory))
        {
            // The container image always names one; whether it is mounted is up to the operator, and a secret that is missing
            // is told where it is missed.
            return values;
        }

        foreach (var file in Directory.EnumerateFiles(directory))
        {
            var name = Path.GetFileName(file);

            // Kubernetes keeps the real files in ..data and links to them.
            if (name.StartsWith('.'))
            {
                continue;
            }

            if (new FileInfo(file).Length > MaxBytes)
            {
                throw new FormatException($"The file {name} is larger than {MaxBytes} bytes: is it a secret?");
            }

            var key = name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
            values[key] = SecretFile.Trim(File.ReadAllText(file));
        }

        return values;
    }
}
