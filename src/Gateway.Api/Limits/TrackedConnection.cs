using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Api.Limits;

/// <summary>A connection to the gateway, and whether a request is under way on it.</summary>
internal sealed class TrackedConnection(ConnectionContext connection, TimeProvider time)
{
    private int _requests;
    private long _idleSince = time.GetTimestamp();
    private volatile bool _hasServed;

    /// <summary>Whether there is no request.</summary>
    public bool IsIdle => Volatile.Read(ref _requests) == 0;

    /// <summary>Whether there ever was one: those without go first, as they are what an attack is made of.</summary>
    public bool HasServed => _hasServed;

    /// <summary>Since when it is idle: a timestamp of the clock.</summary>
    public long IdleSince => Volatile.Read(ref _idleSince);

    /// <summary>A request begins. HTTP/2 has several at once.</summary>
    public void Enter() => Interlocked.Increment(ref _requests);

    /// <summary>A request has ended.</summary>
    public void Exit()
    {
        _hasServed = true;
        Volatile.Write(ref _idleSince, time.GetTimestamp());
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>Ends it: as after any answer where it has served, at once where nothing but a beginning ever came.</summary>
    public void Close()
    {
        if (_hasServed && connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            lifetime.RequestClose();
        }
        else
        {
            connection.Abort(new ConnectionAbortedException("Too many connections without a request."));
        }
    }
}
