namespace Gateway.Api.Configuration;

/// <summary>The gateway cannot start with this configuration. Its message is the whole report for the operator.</summary>
internal sealed class InvalidConfigurationException : Exception
{
    /// <param name="errors">Everything that is wrong.</param>
    public InvalidConfigurationException(IReadOnlyList<ConfigurationError> errors)
        : base(Describe(errors)) => Errors = errors;

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; }

    private static string Describe(IReadOnlyList<ConfigurationError> errors)
    {
        var heading = errors.Count == 1 ? "The configuration has an error:" : $"The configuration has {errors.Count} errors:";
        return string.Join(Environment.NewLine, errors.Select(error => "  " + error).Prepend(heading));
    }
}
