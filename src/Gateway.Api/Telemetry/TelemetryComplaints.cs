using System.Diagnostics.Tracing;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Api.Hosting;

namespace Gateway.Api.Telemetry;

/// <summary>
/// Tells the log what OpenTelemetry's libraries only tell their own event sources: that the collector cannot be reached, or that a variable is
/// not understood. Each kind of complaint once an hour: a collector that is down would repeat itself every few seconds.
/// </summary>
internal sealed partial class TelemetryComplaints : EventListener
{
    private static readonly TimeSpan s_pause = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public TelemetryComplaints(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        foreach (var source in EventSource.GetSources())
        {
            Listen(source);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        // The base class calls this before the constructor has run, for the sources that exist: those are taken there.
        if (_logger is not null)
        {
            Listen(eventSource);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.Level > EventLevel.Warning || !MayTell($"{eventData.EventSource.Name}/{eventData.EventId}"))
        {
            return;
        }

        var text = eventData.Message is { } message && eventData.Payload is { } payload
            ? string.Format(CultureInfo.InvariantCulture, message, [.. payload])
            : eventData.EventName ?? "";
        // An endpoint may be written with a password in it.
        LogComplaint(LoggedText.Of(UserInfo().Replace(text.Split('\n')[0].TrimEnd(), "://***@")));
    }

    private void Listen(EventSource source)
    {
        if (source.Name.StartsWith("OpenTelemetry", StringComparison.Ordinal))
        {
            EnableEvents(source, EventLevel.Warning);
        }
    }

    private bool MayTell(string kind)
    {
        lock (_lock)
        {
            if (_told.TryGetValue(kind, out var last) && _time.GetElapsedTime(last) < s_pause)
            {
                return false;
            }

            _told[kind] = _time.GetTimestamp();
            return true;
        }
    }

    [GeneratedRegex(@"://[^/@\s]+@", RegexOptions.None, 1000)]
    private static partial Regex UserInfo();

    [LoggerMessage(1402, LogLevel.Warning, "OpenTelemetry: {Complaint}")]
    private partial void LogComplaint(string complaint);
}
