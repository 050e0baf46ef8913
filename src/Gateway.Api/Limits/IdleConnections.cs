using Gateway.Api.Configuration;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Api.Limits;

/// <summary>
/// <c>Limits:MaxIdleConnections</c>: a head that arrives letter by letter holds a block of 256 KiB, and anybody may begin as many as there are
/// ports. So beyond the limit the oldest connections without a request are closed for a new one: who calls in earnest has its
/// request there by then, and is never refused.
/// </summary>
internal sealed partial class IdleConnections(CurrentSettings settings, TimeProvider time, ILogger<IdleConnections> logger)
{
    /// <summary>As many are closed at once as make the search worth it.</summary>
    private const int Share = 16;

    private static readonly TimeSpan s_logInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly HashSet<TrackedConnection> _connections = [];
    private long? _loggedAt;

    /// <summary>Connections that are open now.</summary>
    public int Open
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Serves a connection.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var tracked = new TrackedConnection(connection, time);
        connection.Features.Set(tracked);
        foreach (var old in Add(tracked, settings.Value.Limits.MaxIdleConnections))
        {
            old.Close();
        }

        try
        {
            await next(connection);
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(tracked);
            }
        }
    }

    /// <returns>Those to close.</returns>
    private TrackedConnection[] Add(TrackedConnection tracked, int most)
    {
        TrackedConnection[] all;
        lock (_lock)
        {
            _connections.Add(tracked);
            if (_connections.Count <= most)
            {
                return [];
            }

            all = [.. _connections];
        }

        var idle = Array.FindAll(all, connection => connection.IsIdle && connection != tracked);
        if (idle.Length < most)
        {
            return [];
        }

        Tell(most);
        return [.. idle
            .Select(connection => (Connection: connection, connection.HasServed, connection.IdleSince))
            .OrderBy(item => item.HasServed).ThenBy(item => item.IdleSince)
            .Take(idle.Length - most + 1 + (most / Share))
            .Select(item => item.Connection)];
    }

    private void Tell(int most)
    {
        lock (_lock)
        {
            if (_loggedAt is { } at && time.GetElapsedTime(at) < s_logInterval)
            {
                return;
            }

            _loggedAt = time.GetTimestamp();
        }

        LogTooMany(most);
    }

    [LoggerMessage(1220, LogLevel.Warning, "More than {Most} connections have no request under way (Limits:MaxIdleConnections); the oldest are closed. Somebody may be opening them on purpose.")]
    private partial void LogTooMany(int most);
}
