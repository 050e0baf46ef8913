using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Gateway.Testing.Fakes;

namespace Gateway.Testing.Hostile;

/// <summary>One session of a <see cref="HostileSftpServer"/>.</summary>
public sealed class HostileSftpSession
{
    private const uint Ok = 0;
    private const uint EndOfFile = 1;
    private const uint NoSuchFile = 2;
    private const uint Unsupported = 8;

    private readonly HostileSftpServer _server;
    private readonly NetworkStream _stream;
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private int _folders;

    internal HostileSftpSession(HostileSftpServer server, Socket socket)
    {
        _server = server;
        _stream = new NetworkStream(socket, ownsSocket: false);
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendRawAsync(byte[] bytes, CancellationToken cancellationToken) => await _stream.WriteAsync(bytes, cancellationToken);

    /// <summary>Sends a packet.</summary>
    public Task SendAsync(byte type, uint id, byte[] body, CancellationToken cancellationToken) => SendRawAsync(Packet(type, id, body), cancellationToken);

    /// <summary>Sends STATUS.</summary>
    public Task SendStatusAsync(uint id, uint code, CancellationToken cancellationToken) => SendAsync(101, id, Status(code), cancellationToken);

    /// <summary>Sends NAME.</summary>
    public Task SendNamesAsync(uint id, IEnumerable<byte[]> names, byte[] attributes, CancellationToken cancellationToken) =>
        SendAsync(104, id, Names([.. names], attributes), cancellationToken);

    /// <summary>A packet with its length.</summary>
    public static byte[] Packet(byte type, uint id, byte[] body) =>
        [.. ScriptedSftpServer.Number((uint)(5 + body.Length)), type, .. ScriptedSftpServer.Number(id), .. body];

    /// <summary>Attributes: size, mode and times.</summary>
    public static byte[] Attributes(uint mode, ulong size) =>
    [
        .. ScriptedSftpServer.Number(0x1 | 0x4 | 0x8), .. ScriptedSftpServer.Number((uint)(size >> 32)), .. ScriptedSftpServer.Number((uint)size),
        .. ScriptedSftpServer.Number(mode), .. ScriptedSftpServer.Number(1_700_000_000), .. ScriptedSftpServer.Number(1_700_000_000),
    ];

    /// <summary>The attributes of a folder.</summary>
    public static byte[] Folder { get; } = Attributes(0x41ED, 4096);

    /// <summary>The body of NAME.</summary>
    public static byte[] Names(IReadOnlyList<byte[]> names, byte[] attributes)
    {
        using var body = new MemoryStream();
        body.Write(ScriptedSftpServer.Number((uint)names.Count));
        foreach (var name in names)
        {
            body.Write(ScriptedSftpServer.Bytes(name));
            body.Write(ScriptedSftpServer.Text("-rw-r--r-- 1 o g 1 Jan 1 2026 x"));
            body.Write(attributes);
        }

        return body.ToArray();
    }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(await ReceiveAsync(4, cancellationToken));
            var packet = await ReceiveAsync(length, cancellationToken);
            var request = new SftpPacket(packet[0], BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(1)), packet[5..]);
            if (!await _server.Instead(this, request, cancellationToken))
            {
                await SendRawAsync(_server.Mutate(Answer(request)), cancellationToken);
            }
        }
    }

    private byte[] Answer(SftpPacket request)
    {
        const byte Init = 1;
        if (request.Type == Init)
        {
            byte[] body = [2, 0, 0, 0, 3, .. _server.Extensions.SelectMany(name => ScriptedSftpServer.Text(name).Concat(ScriptedSftpServer.Text("1")))];
            return [.. ScriptedSftpServer.Number((uint)body.Length), .. body];
        }

        var (type, answer) = AnswerTo(request);
        return Packet(type, request.Id, answer);
    }

    private (byte Type, byte[] Body) AnswerTo(SftpPacket request)
    {
        var name = request.FirstString is "." ? "/" : request.FirstString;
        switch (request.Type)
        {
            case 3: // OPEN
                if ((BinaryPrimitives.ReadUInt32BigEndian(request.Body.AsSpan(4 + Encoding.UTF8.GetByteCount(name))) & 8) != 0)
                {
                    _server.Files[name] = [];
                }

                return _server.Files.ContainsKey(name) ? ((byte)102, ScriptedSftpServer.Text("f" + name)) : Fail(NoSuchFile);
            case 4: // CLOSE
                return Fail(Ok);
            case 5: // READ
                return Read(request, name[1..]);
            case 6: // WRITE
                return Write(request, name[1..]);
            case 7 or 17: // LSTAT, STAT
                return AttributesOf(name);
            case 8: // FSTAT
                return AttributesOf(name[1..]);
            case 11: // OPENDIR
                return _server.Folders.ContainsKey(name) ? ((byte)102, ScriptedSftpServer.Text($"d{name}#{_folders++}")) : Fail(NoSuchFile);
            case 12: // READDIR
                return _listed.Add(name) ? ((byte)104, List(name[1..name.LastIndexOf('#')])) : Fail(EndOfFile);
            case 13: // REMOVE
                return Fail(_server.Files.TryRemove(name, out _) ? Ok : NoSuchFile);
            case 14: // MKDIR
                return Fail(_server.Folders.TryAdd(name, 0) ? Ok : 4);
            case 15: // RMDIR
                return Fail(_server.Folders.TryRemove(name, out _) ? Ok : NoSuchFile);
            case 16: // REALPATH
                return ((byte)104, Names([Encoding.UTF8.GetBytes(name)], ScriptedSftpServer.Number(0)));
            case 18: // RENAME
                return Rename(request.Body);
            case 200 when name == "posix-rename@openssh.com":
                return Rename(request.Body[(4 + name.Length)..]);
            case 9 or 10: // SETSTAT, FSETSTAT
                return Fail(Ok);
            default:
                return Fail(Unsupported);
        }
    }

    private (byte Type, byte[] Body) Read(SftpPacket request, string path)
    {
        var content = _server.Files.GetValueOrDefault(path, []);
        var start = (int)Math.Min(request.Offset, content.Length);
        var count = Math.Min(request.Count, content.Length - start);
        return count == 0 ? Fail(EndOfFile) : ((byte)103, ScriptedSftpServer.Bytes(content[start..(start + count)]));
    }

    private (byte Type, byte[] Body) Write(SftpPacket request, string path)
    {
        var content = _server.Files.GetValueOrDefault(path, []);
        var data = request.Body.AsSpan(request.Body.Length - request.Count);
        var longer = new byte[Math.Max(content.Length, (int)request.Offset + data.Length)];
        content.CopyTo(longer, 0);
        data.CopyTo(longer.AsSpan((int)request.Offset));
        _server.Files[path] = longer;
        return Fail(Ok);
    }

    private (byte Type, byte[] Body) Rename(byte[] body)
    {
        var from = Encoding.UTF8.GetString(body, 4, BinaryPrimitives.ReadInt32BigEndian(body));
        var rest = body[(4 + Encoding.UTF8.GetByteCount(from))..];
        var to = Encoding.UTF8.GetString(rest, 4, BinaryPrimitives.ReadInt32BigEndian(rest));
        if (!_server.Files.TryRemove(from, out var content))
        {
            return Fail(NoSuchFile);
        }

        _server.Files[to] = content;
        return Fail(Ok);
    }

    private (byte Type, byte[] Body) AttributesOf(string path) =>
        _server.Folders.ContainsKey(path) ? ((byte)105, Folder)
        : _server.Files.TryGetValue(path, out var content) ? ((byte)105, Attributes(0x81A4, (ulong)content.Length))
        : Fail(NoSuchFile);

    private byte[] List(string folder)
    {
        var prefix = folder.TrimEnd('/') + "/";
        return Names(
            [.. _server.Files.Keys.Where(path => path.StartsWith(prefix, StringComparison.Ordinal) && path.IndexOf('/', prefix.Length) < 0)
                .Select(path => Encoding.UTF8.GetBytes(path[prefix.Length..]))],
            Attributes(0x81A4, 1));
    }

    private static (byte Type, byte[] Body) Fail(uint code) => ((byte)101, Status(code));

    private static byte[] Status(uint code) =>
        [.. ScriptedSftpServer.Number(code), .. ScriptedSftpServer.Text("said the server"), .. ScriptedSftpServer.Text("en")];

    private async Task<byte[]> ReceiveAsync(int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
