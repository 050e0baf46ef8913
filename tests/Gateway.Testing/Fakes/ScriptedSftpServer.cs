using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Testing.Fakes;

/// <summary>
/// The far end of an SFTP channel, played packet by packet by the test: for answers that no real server gives on request.
/// </summary>
public sealed class ScriptedSftpServer : IAsyncDisposable
{
    private readonly Socket _socket;

    private ScriptedSftpServer(Socket socket, Socket client)
    {
        _socket = socket;
        Client = client;
    }

    /// <summary>The near end, for the channel under test.</summary>
    public Socket Client { get; }

    public static async Task<ScriptedSftpServer> StartAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        server.NoDelay = true;
        return new ScriptedSftpServer(server, client);
    }

    /// <summary>Reads INIT and answers VERSION 3 with these extensions.</summary>
    public async Task GreetAsync(params string[] extensions)
    {
        await ReceiveRawAsync(9);
        var body = new List<byte> { 2, 0, 0, 0, 3 };
        foreach (var extension in extensions)
        {
            body.AddRange(Text(extension));
            body.AddRange(Text("1"));
        }

        await SendRawAsync([.. Number((uint)body.Count), .. body]);
    }

    /// <summary>The next request.</summary>
    public async Task<SftpPacket> ReceiveAsync()
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(await ReceiveRawAsync(4));
        var packet = await ReceiveRawAsync(length);
        return new SftpPacket(packet[0], BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(1)), packet[5..]);
    }

    public Task SendAsync(byte type, uint id, params byte[] body) =>
        SendRawAsync([.. Number((uint)(5 + body.Length)), type, .. Number(id), .. body]);

    public Task SendStatusAsync(uint id, uint code) => SendAsync(101, id, [.. Number(code), .. Text("said the server"), .. Text("en")]);

    public Task SendHandleAsync(uint id, string handle) => SendAsync(102, id, Text(handle));

    public Task SendDataAsync(uint id, byte[] data) => SendAsync(103, id, [.. Number((uint)data.Length), .. data]);

    public Task SendAttributesAsync(uint id, ulong size) => SendAsync(105, id, [.. Number(1), .. Number((uint)(size >> 32)), .. Number((uint)size)]);

    public Task SendRawAsync(byte[] bytes) => _socket.SendAsync(bytes);

    /// <summary>Ends the stream.</summary>
    public void Close() => _socket.Close();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        Client.Dispose();
        return ValueTask.CompletedTask;
    }

    public static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    public static byte[] Bytes(byte[] bytes) => [.. Number((uint)bytes.Length), .. bytes];

    private async Task<byte[]> ReceiveRawAsync(int count)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
        {
            var received = await _socket.ReceiveAsync(bytes.AsMemory(have)).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            have += received > 0 ? received : throw new EndOfStreamException("The channel under test closed its socket.");
        }

        return bytes;
    }
}
