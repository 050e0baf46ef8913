using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Gateway.Sftp.Protocol;

/// <summary>Reads an open folder, with READDIRs in flight ahead of the consumer.</summary>
internal sealed class SftpDirectoryReader : IAsyncDisposable
{
    private const int Ahead = 4;

    /// <summary>Replies without a name that are borne with in a row: a server that goes on like that says nothing for ever.</summary>
    private const int MaxEmpty = 100;

    private readonly SftpChannel _channel;
    private readonly SftpHandle _handle;
    private readonly Queue<SftpRequest> _inFlight = new(Ahead);
    private bool _ended;
    private int _empty;

    /// <param name="channel">The channel that opened the folder.</param>
    /// <param name="handle">The open folder; closed by <see cref="DisposeAsync"/>.</param>
    public SftpDirectoryReader(SftpChannel channel, SftpHandle handle)
    {
        _channel = channel;
        _handle = handle;
    }

    /// <summary>Adds the next entries, <c>.</c> and <c>..</c> left out.</summary>
    /// <returns>False at the end of the folder.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadBatchAsync(List<SftpDirectoryEntry> entries, CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return false;
        }

        while (_inFlight.Count < Ahead)
        {
            _inFlight.Enqueue(_channel.ReadDirectory(_handle));
        }

        _channel.Flush();
        var request = _inFlight.Dequeue();
        try
        {
            await request.WaitAsync(cancellationToken);
            if (request.ReplyType == SftpPacketType.Name)
            {
                var before = entries.Count;
                AddNames(request.Reply, entries);
                _empty = entries.Count > before ? 0 : _empty + 1;
                return _empty <= MaxEmpty
                    ? true
                    : throw new SftpProtocolException("The server's listing goes on without any names.");
            }

            var code = SftpReplies.ReadStatus(request, out var message);
            if (code != SftpStatusCode.EndOfFile)
            {
                throw new SftpStatusException(code, message);
            }

            _ended = true;
            return false;
        }
        finally
        {
            request.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _ended = true;
        while (_inFlight.TryDequeue(out var request))
        {
            request.Release();
        }

        try
        {
            _channel.Close(_handle).Release();
            _channel.Flush();
        }
        catch (SftpChannelException)
        {
            // The handle died with its channel.
        }

        return ValueTask.CompletedTask;
    }

    internal static void AddNames(ReadOnlySpan<byte> reply, List<SftpDirectoryEntry> entries)
    {
        var reader = new SftpPacketReader(reply);
        for (var count = reader.ReadUInt32(); count > 0; count--)
        {
            var name = reader.ReadString();
            var line = reader.ReadString();
            var attributes = WithType(SftpAttributes.Read(ref reader), line);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                var isUtf8 = Utf8.IsValid(name);
                entries.Add(new SftpDirectoryEntry(isUtf8 ? Encoding.UTF8.GetString(name) : Escape(name), isUtf8, attributes));
            }
        }
    }

    /// <summary>Where the mode lacks the type, the first letter of the <c>ls -l</c> line has it.</summary>
    private static SftpAttributes WithType(in SftpAttributes attributes, ReadOnlySpan<byte> line)
    {
        if (!attributes.HasNoType || line.IsEmpty)
        {
            return attributes;
        }

        uint type = line[0] switch { (byte)'d' => 0x4000, (byte)'l' => 0xA000, (byte)'-' => 0x8000, _ => 0 };
        return type == 0 ? attributes : attributes with { Flags = attributes.Flags | SftpAttributes.HasMode, Mode = attributes.Mode | type };
    }

    private static string Escape(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length + 16);
        while (!name.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(name, out var rune, out var length);
            if (status == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var wrong in name[..length])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{wrong:x2}");
                }
            }

            name = name[length..];
        }

        return text.ToString();
    }
}
