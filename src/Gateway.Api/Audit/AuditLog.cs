namespace Gateway.Api.Audit;

/// <summary>
/// The category <c>Gateway.Audit</c>: one line for each operation, with every value as a field of its own. Lines go where the logging of that
/// category is sent; nothing is made while it is off.
/// </summary>
internal sealed class AuditLog(ILoggerFactory loggers)
{
    /// <summary>The category.</summary>
    public const string Category = "Gateway.Audit";

    private static readonly EventId s_event = new(1600, nameof(Write));

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    /// <summary>Whether anybody reads.</summary>
    public bool IsOn => _logger.IsEnabled(LogLevel.Information);

    /// <summary>Writes a line. Text is already fit for it.</summary>
    public void Write(in AuditLine line)
    {
        if (IsOn)
        {
            // Not source-generated: a line comes with every request, and writes itself (ILineText).
            _logger.Log(LogLevel.Information, s_event, line, null, static (line, _) => line.ToString());
        }
    }
}
