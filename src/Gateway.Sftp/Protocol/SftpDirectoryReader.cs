using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Gateway.Sftp.Protocol;

/// <summary>Reads an open folder, with READDIRs in flight ahead of the consumer.</summary>
/// <remarks>
/// Two at first: the names of a small folder, and its end. A folder that goes on gets as many as keep the server busy meanwhile: a few where
/// it is near, since everybody else on the channel waits behind them, and more on a long line. They are sent by the group, and waited for by
/// the group while the server is fast: waking a thread costs as much as reading a hundred names.
/// </remarks>
internal sealed class SftpDirectoryReader : IAsyncDisposable
{
    private const int AheadAtFirst = 2;
    private const int AheadNear = 6;
    private const int AheadFar = 32;

    /// <summary>So many are sent, and on a fast server waited for, together.</summary>
    private const int Group = AheadNear / 2;

    /// <summary>Fewer in the first reply are all that there are, as a rule: its end comes next, and nothing more is asked for.</summary>
    private const int ManyNames = 50;

    /// <summary>Beyond <see cref="AheadNear"/> no more than this many bytes of replies: OpenSSH's take 10 to 20 KB each, hostile ones 256.</summary>
    private const int MaxBytesAhead = 1024 * 1024;

    /// <summary>Replies without a name that are borne with in a row: a server that goes on like that says nothing for ever.</summary>
    private const int MaxEmpty = 100;

    /// <summary>About what a server takes for a reply of a hundred entries, at most: it is never without work while requests travel.</summary>
    private static readonly TimeSpan s_perReply = TimeSpan.FromMilliseconds(1);

    /// <summary>A server whose replies come faster than this is not waited for one by one: the first of a group is hardly late.</summary>
    private static readonly TimeSpan s_fast = TimeSpan.FromMilliseconds(2);

    private readonly SftpChannel _channel;
    private readonly SftpHandle _handle;

    // A ring: the oldest is at _head.
    private readonly SftpRequest[] _inFlight = new SftpRequest[AheadFar];
    private int _head;
    private int _count;
    private int _ahead = AheadAtFirst;
    private int _largestReply = 1;
    private long? _lastReplyAt;
    private bool _isFast;
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

        AskAhead();
        var waits = !_inFlight[_head].IsDone;
        if (waits && _isFast)
        {
            // Replies come in order, as a rule: with the last of a group the others are here.
            await _inFlight[(_head + Math.Min(Group, _count) - 1) % AheadFar].WaitAsync(cancellationToken);
        }

        var request = Dequeue();
        try
        {
            await request.WaitAsync(cancellationToken);
            if (request.ReplyType == SftpPacketType.Name)
            {
                var before = entries.Count;
                AddNames(request.Reply, entries);
                Adapt(request, entries.Count - before, waits);
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
        while (_count > 0)
        {
            Dequeue().Release();
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

    private void AskAhead()
    {
        if (_count > 0 && (_ahead - _count < Group || IsEnd(_inFlight[_head])))
        {
            return;
        }

        while (_count < _ahead)
        {
            _inFlight[(_head + _count) % AheadFar] = _channel.ReadDirectory(_handle);
            _count++;
        }

        _channel.Flush();

        static bool IsEnd(SftpRequest request) => request.IsDone && request.ReplyType != SftpPacketType.Name;
    }

    private SftpRequest Dequeue()
    {
        var request = _inFlight[_head];
        _head = (_head + 1) % AheadFar;
        _count--;
        return request;
    }

    /// <summary>More ahead for a consumer that waits, as far as the line is long; a slow one is not to hold more replies.</summary>
    private void Adapt(SftpRequest request, int names, bool hasWaited)
    {
        var goesOn = names >= ManyNames || _lastReplyAt is not null;
        _isFast = _lastReplyAt is { } last && _channel.Time.GetElapsedTime(last, request.DoneAt) < s_fast;
        _lastReplyAt = request.DoneAt;
        _largestReply = Math.Max(_largestReply, request.ReplyLength);
        if (hasWaited && goesOn)
        {
            var travelling = Math.Min((_channel.RoundTrip ?? TimeSpan.Zero) / s_perReply, AheadFar);
            _ahead = Math.Min(_ahead * 4, Math.Max(AheadNear, Math.Min((int)travelling + AheadNear, Math.Min(AheadFar, MaxBytesAhead / _largestReply))));
        }
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
