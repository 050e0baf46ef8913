using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Load;

/// <summary>One kept-alive connection that asks for the same thing again and again.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly byte[] _request;
    private readonly string _target;
    private readonly int _expected;
    private long _sentAt;

    /// <param name="server">Where it connects to.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="range">Only so many of the first bytes; null: all.</param>
    /// <param name="receiveBuffer">Bytes that the kernel may hold for it; null: as many as it likes.</param>
    public Exchange(Uri server, string target, long? range = null, int? receiveBuffer = null)
    {
        _target = target;
        _expected = range is null ? 200 : 206;
        var ranges = range is null ? "" : $"Range: bytes=0-{range - 1}\r\n";
        _request = Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: {server.Authority}\r\n{ranges}\r\n");
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = 60_000,
            SendTimeout = 60_000,
        };
        if (receiveBuffer is { } size)
        {
            Socket.ReceiveBufferSize = size;
        }

        Socket.Connect(new IPEndPoint(IPAddress.Loopback, server.Port));
    }

    public Socket Socket { get; }

    public ResponseReader Response { get; } = new();

    /// <summary>Milliseconds from the request to the first byte of its answer.</summary>
    public double FirstByte { get; private set; }

    /// <summary>Milliseconds from the request to the last byte of its answer.</summary>
    public double Latency { get; private set; }

    public void Send()
    {
        Response.Reset();
        FirstByte = 0;
        _sentAt = Stopwatch.GetTimestamp();
        Socket.Send(_request);
    }

    /// <summary>Receives once, which blocks where there is nothing.</summary>
    /// <returns>Whether the answer is complete.</returns>
    public bool Receive(Span<byte> buffer)
    {
        var count = Socket.Receive(buffer);
        if (FirstByte == 0)
        {
            FirstByte = Work.MillisecondsSince(_sentAt);
        }

        if (count == 0)
        {
            throw new InvalidDataException($"{_target}: the connection ended after {Response.BodyLength} bytes of the body.");
        }

        Response.Feed(buffer[..count]);
        if (!Response.IsComplete)
        {
            return false;
        }

        Latency = Work.MillisecondsSince(_sentAt);
        return Response.Status == _expected ? true : throw new InvalidDataException($"{_target} answered {Response.Status}.");
    }

    public void Dispose() => Socket.Dispose();
}
