using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Testing.Network;

/// <summary>
/// Stands between a client and a server and does to their bytes what networks do: delays, cuts, freezes, slows down,
/// corrupts, and forgets. It counts connections too.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _accepting = [];
    private readonly ConcurrentDictionary<TcpProxyConnection, Task> _connections = new();
    private readonly IPAddress _target;
    private readonly Func<int, int> _getTargetPort;
    private int _accepted;

    private TcpProxy(IPAddress listen, IEnumerable<int> ports, IPAddress target, Func<int, int> getTargetPort)
    {
        _target = target;
        _getTargetPort = getTargetPort;
        foreach (var port in ports)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _listeners.Add(listener);
            Bind(listener, new IPEndPoint(listen, port));
            listener.Listen();
        }

        EndPoint = (IPEndPoint)_listeners[0].LocalEndPoint!;
        _accepting.AddRange(_listeners.Select(AcceptAsync));
    }

    /// <summary>Where clients connect to: the first of its ports.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The port of <see cref="EndPoint"/>.</summary>
    public int Port => EndPoint.Port;

    /// <summary>What happens to bytes from the client.</summary>
    public TcpProxyDirection ToServer { get; } = new();

    /// <summary>What happens to bytes from the server.</summary>
    public TcpProxyDirection ToClient { get; } = new();

    /// <summary>
    /// Which connections the two directions apply to, by the port they came in on; the others pass untouched. Read when a
    /// connection is accepted.
    /// </summary>
    public Func<int, bool> AppliesTo { get; set; } = _ => true;

    /// <summary>True: new connections are reset at once.</summary>
    public bool RefusesConnections { get; set; }

    /// <summary>
    /// Like a firewall: a connection that was silent for longer is forgotten. What either side sends afterwards is dropped, and nobody
    /// is told. Null: none is.
    /// </summary>
    public TimeSpan? ForgetsIdleAfter { get; set; }

    /// <summary>Connections accepted so far.</summary>
    public int AcceptedConnections => Volatile.Read(ref _accepted);

    /// <summary>Connections open now.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>A proxy on 127.0.0.1, on a port the kernel chooses, for one port of 127.0.0.1.</summary>
    public static TcpProxy Start(int targetPort) => new(IPAddress.Loopback, [0], IPAddress.Loopback, _ => targetPort);

    /// <summary>A proxy with the same ports as its target, on another address.</summary>
    public static TcpProxy Start(IPAddress listen, IEnumerable<int> ports, IPAddress target) => new(listen, ports, target, port => port);

    /// <summary>Ends every open connection.</summary>
    public void CutAll(TcpProxyCut cut = TcpProxyCut.Reset)
    {
        foreach (var connection in _connections.Keys)
        {
            connection.End(cut == TcpProxyCut.Reset);
        }
    }

    /// <summary>Ends some of the open connections.</summary>
    /// <param name="count">How many.</param>
    public void CutSome(int count)
    {
        foreach (var connection in _connections.Keys.Take(count))
        {
            connection.End(reset: true);
        }
    }

    /// <summary>Forgets some of the open connections; the others pass.</summary>
    /// <param name="count">How many.</param>
    public void ForgetSome(int count)
    {
        foreach (var connection in _connections.Keys.Take(count))
        {
            connection.Forget();
        }
    }

    /// <summary>Forgets every open connection, as a firewall does that restarts; new ones pass.</summary>
    public void ForgetAll()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Forget();
        }
    }

    /// <summary>Ends, for both sides, the connections that were forgotten.</summary>
    public void CutForgotten()
    {
        foreach (var connection in _connections.Keys.Where(connection => connection.IsForgotten))
        {
            connection.End(reset: true);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        await Task.WhenAll(_accepting);
        CutAll();
        await Task.WhenAll(_connections.Values);
    }

    /// <summary>Somebody else may have the port for a moment: a range was probed on another address, some time ago.</summary>
    private static void Bind(Socket listener, IPEndPoint endPoint)
    {
        if (!SpinWait.SpinUntil(() => TryBind(listener, endPoint), TimeSpan.FromSeconds(5)))
        {
            throw new InvalidOperationException($"{endPoint} stays in use.");
        }
    }

    private static bool TryBind(Socket listener, IPEndPoint endPoint)
    {
        try
        {
            listener.Bind(endPoint);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _accepted);
            if (RefusesConnections)
            {
                client.LingerState = new LingerOption(true, 0);
                client.Dispose();
                continue;
            }

            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var connection = new TcpProxyConnection(client, server, () => ForgetsIdleAfter);
            var registered = new TaskCompletionSource();
            _connections[connection] = ForwardAsync(connection, server, port, registered.Task);
            registered.SetResult();
        }
    }

    private async Task ForwardAsync(TcpProxyConnection connection, Socket server, int port, Task registered)
    {
        await registered;
        try
        {
            await server.ConnectAsync(new IPEndPoint(_target, _getTargetPort(port)));
            var applies = AppliesTo(port);
            await connection.RunAsync(applies ? ToServer : null, applies ? ToClient : null);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            connection.End(reset: true);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }
}
