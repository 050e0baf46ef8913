using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Logging;

/// <summary>
/// Loggers that write to the console through <see cref="ConsoleSink"/>. <c>Logging:Console</c> holds for it as for the framework's provider:
/// formatters and their options, <c>LogToStandardErrorThreshold</c>, levels.
/// </summary>
[ProviderAlias("Console")]
internal sealed class ConsoleProvider : ILoggerProvider, ISupportExternalScope
{
    private readonly ConsoleSink _output = new(Console.OpenStandardOutput());
    private readonly Lazy<ConsoleSink> _errors = new(() => new ConsoleSink(Console.OpenStandardError()));
    private readonly Dictionary<string, ConsoleFormatter> _formatters;
    private readonly IDisposable? _reload;
    private volatile ConsoleFormatter _formatter;
    private LogLevel _errorThreshold;

    /// <summary>Starts to write as the options say, and follows their changes.</summary>
    public ConsoleProvider(IOptionsMonitor<ConsoleLoggerOptions> options, IEnumerable<ConsoleFormatter> formatters)
    {
        _formatters = formatters.ToDictionary(formatter => formatter.Name, StringComparer.OrdinalIgnoreCase);
        _formatter = _formatters[ConsoleFormatterNames.Simple];
        Apply(options.CurrentValue);
        _reload = options.OnChange(Apply);
    }

    /// <summary>What surrounds a line, for formatters that show it.</summary>
    public IExternalScopeProvider? Scopes { get; private set; }

    /// <summary>What makes text of a line.</summary>
    public ConsoleFormatter Formatter => _formatter;

    /// <summary>Where lines of a level go.</summary>
    public ConsoleSink SinkOf(LogLevel level) => level >= _errorThreshold ? _errors.Value : _output;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new ConsoleLogger(this, categoryName);

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => Scopes = scopeProvider;

    /// <summary>Writes what is left.</summary>
    public void Dispose()
    {
        _reload?.Dispose();
        _output.Dispose();
        if (_errors.IsValueCreated)
        {
            _errors.Value.Dispose();
        }
    }

    private void Apply(ConsoleLoggerOptions options)
    {
        _errorThreshold = options.LogToStandardErrorThreshold;

        // As the framework does it: a name that nobody knows means readable lines.
        _formatter = _formatters.GetValueOrDefault(options.FormatterName ?? ConsoleFormatterNames.Simple) ?? _formatters[ConsoleFormatterNames.Simple];
    }
}
