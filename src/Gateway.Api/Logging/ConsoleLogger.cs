using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Api.Logging;

/// <summary>A category's lines on the console.</summary>
internal sealed class ConsoleLogger(ConsoleProvider provider, string category) : ILogger
{
    /// <summary>In characters: what a thread keeps for its next line.</summary>
    private const int MaxKept = 4096;

    /// <summary>In the place of a message that writes itself, while a formatter writes what stands before it.</summary>
    private const string Placeholder = "-";

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
        WriteLine(provider.Formatter, new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), provider.Scopes, writer);
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

    /// <summary>Writes a line as the formatter does, but without a string for a message that can do without one.</summary>
    internal static void WriteLine<TState>(ConsoleFormatter formatter, in LogEntry<TState> entry, IExternalScopeProvider? scopes, StringWriter writer)
    {
        if (entry.State is not ILineText || entry.Exception is not null || !EndsWithMessage(formatter))
        {
            formatter.Write(entry, scopes, writer);
            return;
        }

        formatter.Write(
            new LogEntry<TState>(entry.LogLevel, entry.Category, entry.EventId, entry.State, null, static (_, _) => Placeholder), scopes, writer);
        var line = writer.GetStringBuilder();
        line.Length -= Placeholder.Length + Environment.NewLine.Length;
        ((ILineText)entry.State).AppendTo(line);
        line.Append(Environment.NewLine);
    }

    /// <summary>Whether lines are ended by their message, as it is, and a line break.</summary>
    private static bool EndsWithMessage(ConsoleFormatter formatter) => formatter.Name is ConsoleFormatterNames.Simple or ConsoleFormatterNames.Systemd;
}
