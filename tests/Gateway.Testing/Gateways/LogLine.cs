using Microsoft.Extensions.Logging;

namespace Gateway.Testing.Gateways;

/// <summary>One line of the log.</summary>
/// <param name="Level">Its level.</param>
/// <param name="EventId">Its event.</param>
/// <param name="Text">The text.</param>
/// <param name="Exception">The exception that goes with it.</param>
public sealed record LogLine(LogLevel Level, int EventId, string Text, Exception? Exception);
