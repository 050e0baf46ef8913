namespace Gateway.Api.Configuration;

/// <summary>Collects everything that is wrong, so that an operator sees it all at once.</summary>
internal sealed class ConfigurationErrors
{
    private readonly List<ConfigurationError> _errors = [];

    /// <summary>What was found, in the order of the keys.</summary>
    public IReadOnlyList<ConfigurationError> Items =>
        [.. _errors.Distinct().OrderBy(error => error.Key, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Notes an error.</summary>
    public void Add(string key, string message) => _errors.Add(new ConfigurationError(key, message));

    /// <summary>Whether an error was noted for <paramref name="key"/> itself: a second one about the same value would confuse.</summary>
    public bool Has(string key) => _errors.Exists(error => string.Equals(error.Key, key, StringComparison.OrdinalIgnoreCase));
}
