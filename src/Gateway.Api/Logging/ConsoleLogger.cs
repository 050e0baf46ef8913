using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Api.Logging;

/// <summary>A category's lines on the console.</summary>
internal sealed class ConsoleLogger(ConsoleProvider provider, string category) : ILogger
{
    /// <summary>In characters: what a thread keeps for its next line.</summary>
    private const int MaxKept = 4096;

    [ThreadStatic]
    private static StringWriter? t_writer;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => provider.Scopes?.Push(state);

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        // Taken while in use: a state whose text logs something itself gets another.
        var writer = t_writer ?? new StringWriter();
        t_writer = null;
        provider.Formatter.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), provider.Scopes, writer);
        var text = writer.GetStringBuilder();
        if (text.Length > 0)
        {
            provider.SinkOf(logLevel).Write(text);
        }

        if (text.Capacity <= MaxKept)
        {
            text.Clear();
            t_writer = writer;
        }
    }
}
