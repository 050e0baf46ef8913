namespace Gateway.Api.Audit;

/// <summary>
/// The category <c>Gateway.Audit</c>: one line for each operation, with every value as a field of its own. Lines go where the logging of that
/// category is sent; nothing is made while it is off.
/// </summary>
internal sealed partial class AuditLog(ILoggerFactory loggers)
{
    /// <summary>The category.</summary>
    public const string Category = "Gateway.Audit";

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    /// <summary>Whether anybody reads.</summary>
    public bool IsOn => _logger.IsEnabled(LogLevel.Information);

    /// <summary>Writes a line. Text is already fit for it.</summary>
    public void Write(in AuditLine line) => Write(
        line.Outcome, line.Status, line.Caller, line.CallerKind, line.LinkId, line.Client, line.Method, line.Verb, line.Backend, line.Path,
        line.TargetBackend, line.Target, line.Bytes, line.Entries, line.DurationMilliseconds, line.TraceId);

    [LoggerMessage(1600, LogLevel.Information,
        "outcome={Outcome} status={Status} caller=\"{Caller}\" kind={CallerKind} link={LinkId} client={Client} method={Method} verb={Verb} "
        + "backend={Backend} path=\"{Path}\" targetBackend={TargetBackend} target=\"{Target}\" bytes={Bytes} entries={Entries} ms={DurationMs} trace={TraceId}")]
    private partial void Write(
        string outcome, int status, string caller, string callerKind, string linkId, string client, string method, string verb, string backend, string path,
        string targetBackend, string target, long bytes, long entries, long durationMs, string traceId);
}
