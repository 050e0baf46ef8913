namespace Gateway.Api.Configuration;

/// <summary>
/// Configuration from files that are looked at again and again. Contents are compared, not times or inotify events: Kubernetes
/// changes a mounted file by swapping a symbolic link two levels up, which a watcher of the file itself never sees.
/// </summary>
internal abstract class PolledConfigurationProvider : ConfigurationProvider
{
    /// <inheritdoc/>
    public override void Load()
    {
        try
        {
            Data = Read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new InvalidConfigurationException([new ConfigurationError(Origin, Explain(exception))]);
        }
    }

    /// <summary>Reads again, and tells those who use the configuration where it changed.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot be read now; the configuration stays as it was.</exception>
    public bool ReloadIfChanged()
    {
        var before = Data;
        Load();
        if (Data.Count == before.Count
            && Data.All(pair => before.TryGetValue(pair.Key, out var old) && string.Equals(old, pair.Value, StringComparison.Ordinal)))
        {
            return false;
        }

        OnReload();
        return true;
    }

    /// <summary>The environment variable that named the source.</summary>
    protected abstract string Origin { get; }

    /// <summary>Reads everything.</summary>
    protected abstract Dictionary<string, string?> Read();

    private static string Explain(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "There is nothing at the path that it names.",
        UnauthorizedAccessException => "The gateway's user may not read what it names.",
        FormatException => exception.Message,
        _ => "What it names cannot be read.",
    };
}
