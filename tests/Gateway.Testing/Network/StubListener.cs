using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Testing.Network;

/// <summary>A port that is no file server: it says one thing to whoever connects, or nothing, and never answers.</summary>
public sealed class StubListener : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _clients = [];
    private readonly byte[] _greeting;
    private readonly bool _closes;
    private readonly Task _accepting;

    private StubListener(string greeting, bool closes)
    {
        _greeting = Encoding.UTF8.GetBytes(greeting);
        _closes = closes;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Accepts and says nothing.</summary>
    public static StubListener Silent() => new("", closes: false);

    /// <summary>A web server's answer to whatever is no request.</summary>
    public static StubListener Http() =>
        new("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", closes: true);

    /// <summary>Accepts and closes.</summary>
    public static StubListener Closing() => new("", closes: true);

    /// <summary>Says this, and nothing more.</summary>
    public static StubListener Saying(string greeting) => new(greeting, closes: false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var client in _clients)
        {
            client.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptAsync();
                _clients.Add(client);
                await client.SendAsync(_greeting);
                if (_closes)
                {
                    client.Shutdown(SocketShutdown.Both);
                    client.Dispose();
                }
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return;
            }
            catch (SocketException)
            {
                // The client has left already.
            }
        }
    }
}
