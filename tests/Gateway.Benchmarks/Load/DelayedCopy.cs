using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gateway.Benchmarks.Measuring;
using Gateway.Testing.Network;

namespace Gateway.Benchmarks.Load;

/// <summary>Bytes as fast as they go through a proxy that holds them.</summary>
internal sealed class DelayedCopy : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly TcpProxy _proxy;

    private DelayedCopy(Socket listener, TcpProxy proxy)
    {
        _listener = listener;
        _proxy = proxy;
    }

    public static DelayedCopy Start(TimeSpan oneWay)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var proxy = TcpProxy.Start(((IPEndPoint)listener.LocalEndPoint!).Port);
        (proxy.ToClient.Delay, proxy.ToServer.Delay) = (oneWay, oneWay);
        return new DelayedCopy(listener, proxy);
    }

    /// <summary>From the server's first byte sent to the last one received, without the delay of that last one.</summary>
    public async Task<Work> RunAsync(long length)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var accepting = _listener.AcceptAsync();
        await client.ConnectAsync(_proxy.EndPoint);
        using var server = await accepting;
        var sending = Task.Run(() =>
        {
            var block = new byte[256 * 1024];
            for (var left = length; left > 0;)
            {
                left -= server.Send(block.AsSpan(0, (int)Math.Min(left, block.Length)));
            }
        });
        return await Task.Run(async () =>
        {
            var buffer = new byte[256 * 1024];
            var received = client.Receive(buffer);
            var started = Stopwatch.GetTimestamp();
            for (var left = length - received; left > 0;)
            {
                left -= client.Receive(buffer);
            }

            var elapsed = Stopwatch.GetElapsedTime(started);
            await sending;
            return new Work(elapsed, length - received, []);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _listener.Dispose();
    }
}
