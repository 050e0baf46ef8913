namespace Gateway.Api.Configuration;

/// <summary>
/// The directory named by <c>GATEWAY_SECRETS</c>: one file per key, <c>Gateway__Backends__erp__Password</c>, its text the value.
/// </summary>
/// <param name="directory">Its path.</param>
internal sealed class SecretDirectoryConfigurationProvider(string directory) : PolledConfigurationProvider
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxAttempts = 5;

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

        // Kubernetes swaps all files at once, by the link ..data that they go through. What was read across such a swap is of two
        // versions: a new key with the old passphrase would fail a login, and enough of those lock an account.
        for (var attempt = 1; ; attempt++)
        {
            var version = Version();
            try
            {
                ReadInto(values);
            }
            catch (IOException) when (attempt < MaxAttempts && Version() != version)
            {
                // A file went with the version that it belonged to.
                continue;
            }

            if (Version() == version || attempt == MaxAttempts)
            {
                return values;
            }
        }
    }

    /// <summary>Where <c>..data</c> leads; null in a folder that Kubernetes did not make.</summary>
    private string? Version() => new DirectoryInfo(Path.Combine(directory, "..data")).LinkTarget;

    private void ReadInto(Dictionary<string, string?> values)
    {
        values.Clear();
        foreach (var file in Directory.EnumerateFiles(directory))
        {
            var name = Path.GetFileName(file);

            // Kubernetes keeps the real files in ..data and links to them.
            if (name.StartsWith('.'))
            {
                continue;
            }

            // Of the file itself: the length of a link is that of its target's name.
            using var stream = File.OpenRead(file);
            if (stream.Length > MaxBytes)
            {
                throw new FormatException($"The file {name} is larger than {MaxBytes} bytes: is it a secret?");
            }

            using var reader = new StreamReader(stream);
            var key = name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
            values[key] = SecretFile.Trim(reader.ReadToEnd());
        }
    }
}
