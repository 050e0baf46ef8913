using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.FunctionalTests.Sftp.Transport;

/// <summary>A port that greets whoever connects with some bytes, and then hangs up or stays silent.</summary>
internal sealed class TalkingListener : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _connections = [];
    private readonly Task _accepting;

    public TalkingListener(string greeting, bool closes)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync(Encoding.Latin1.GetBytes(greeting), closes);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    private async Task AcceptAsync(byte[] greeting, bool closes)
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync();
                _connections.Add(connection);
                await connection.SendAsync(greeting);
                if (closes)
                {
                    connection.Shutdown(SocketShutdown.Send);
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
        }
    }
}
