using System.Buffers;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// The payload of one WRITE, sent from where it lies. One per upload, used again for each packet; <see cref="WaitSentAsync"/>
/// ends when the kernel has taken the bytes and the memory is free.
/// </summary>
internal sealed class SftpWritePayload : IValueTaskSource
{
    /// <summary>Length, type, id, handle, offset, payload length.</summary>
    private const int MaxHeader = 4 + 1 + 4 + 4 + SftpHandle.MaxLength + 8 + 4;

    private readonly byte[] _header = new byte[MaxHeader];
    private readonly List<ArraySegment<byte>> _segments = new(16);
    private ManualResetValueTaskSourceCore<bool> _sent = new() { RunContinuationsAsynchronously = true };
    private int _headerLength;
    private int _payloadLength;
    private ReadOnlySequence<byte> _data;

    /// <summary>Bytes of header and payload.</summary>
    public int TotalLength => _headerLength + _payloadLength;

    /// <summary>Where the packet's header is written.</summary>
    public Span<byte> Header => _header;

    /// <summary>Prepares for the next packet.</summary>
    public void Set(ReadOnlySequence<byte> data, int headerLength)
    {
        _sent.Reset();
        _data = data;
        _headerLength = headerLength;
        _payloadLength = checked((int)data.Length);
    }

    /// <summary>Waits until the bytes were handed to the kernel. Not cancellable: until then the memory is in use.</summary>
    public ValueTask WaitSentAsync() => new(this, _sent.Version);

    /// <summary>The list for a gathered send: packets that wait before it, the header, the payload.</summary>
    public List<ArraySegment<byte>> GetSegments(byte[] before, int beforeLength)
    {
        _segments.Clear();
        if (beforeLength > 0)
        {
            _segments.Add(new ArraySegment<byte>(before, 0, beforeLength));
        }

        _segments.Add(new ArraySegment<byte>(_header, 0, _headerLength));
        foreach (var memory in _data)
        {
            if (memory.Length > 0)
            {
                _segments.Add(MemoryMarshal.TryGetArray(memory, out var array) ? array : new ArraySegment<byte>(memory.ToArray()));
            }
        }

        return _segments;
    }

    /// <summary>Removes <paramref name="count"/> sent bytes from the front.</summary>
    public static void Skip(List<ArraySegment<byte>> segments, int count)
    {
        var whole = 0;
        while (whole < segments.Count && segments[whole].Count <= count)
        {
            count -= segments[whole++].Count;
        }

        segments.RemoveRange(0, whole);
        if (count > 0)
        {
            segments[0] = segments[0][count..];
        }
    }

    public void Complete()
    {
        _data = default;
        _sent.SetResult(true);
    }

    public void Fail(Exception reason)
    {
        _data = default;
        _sent.SetException(reason);
    }

    void IValueTaskSource.GetResult(short token) => _sent.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _sent.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _sent.OnCompleted(continuation, state, token, flags);
}
