using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Benchmarks.Load;

/// <summary>Reads one HTTP/1.1 response (RFC 9112) as cheaply as may be: status, length or chunks, and nothing else.</summary>
internal sealed class ResponseReader
{
    private const int MaxHead = 32 * 1024;

    private byte[] _held = new byte[1024];
    private int _heldCount;
    private State _state;
    private bool _isChunked;
    private long _left;

    private enum State
    {
        Head,
        Body,
        ChunkSize,
        ChunkEnd,
        Trailer,
        Complete,
    }

    /// <summary>Where the body goes as well; null: nowhere.</summary>
    public IncrementalHash? Hash { get; set; }

    /// <summary>Counts how often this occurs in the body, an occurrence cut in two by the network left out; null: does not look.</summary>
    public byte[]? Counted { get; set; }

    public int Occurrences { get; private set; }

    public int Status { get; private set; }

    public long BodyLength { get; private set; }

    public bool IsComplete => _state == State.Complete;

    public void Reset()
    {
        _state = State.Head;
        (_heldCount, _left, Status, BodyLength, Occurrences) = (0, 0, 0, 0, 0);
    }

    /// <summary>Takes what was received.</summary>
    /// <exception cref="InvalidDataException">It is no response, or one that goes on behind its end.</exception>
    public void Feed(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            switch (_state)
            {
                case State.Head:
                    data = data[TakeHead(data)..];
                    break;
                case State.Body:
                    var part = data[..(int)Math.Min(data.Length, _left)];
                    data = data[part.Length..];
                    TakeBody(part);
                    break;
                case State.Complete:
                    throw new InvalidDataException("The response goes on behind its end.");
                default:
                    var end = data.IndexOf((byte)'\n');
                    Hold(end < 0 ? data : data[..(end + 1)]);
                    data = end < 0 ? [] : data[(end + 1)..];
                    if (end >= 0)
                    {
                        TakeLine();
                    }

                    break;
            }
        }
    }

    private int TakeHead(ReadOnlySpan<byte> data)
    {
        // Mostly the whole head comes at once and is not copied.
        if (_heldCount == 0 && data.IndexOf("\r\n\r\n"u8) is >= 0 and var end)
        {
            ParseHead(data[..(end + 4)]);
            return end + 4;
        }

        var before = _heldCount;
        Hold(data);
        end = _held.AsSpan(0, _heldCount).IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return data.Length;
        }

        ParseHead(_held.AsSpan(0, end + 4));
        _heldCount = 0;
        return end + 4 - before;
    }

    private void ParseHead(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..12], out int status, out _))
        {
            throw new InvalidDataException("This is no HTTP/1.1 response: " + Encoding.Latin1.GetString(head[..Math.Min(head.Length, 60)]));
        }

        Status = status;
        _isChunked = false;
        _left = -1;
        while (head.IndexOf("\r\n"u8) is >= 0 and var end)
        {
            var line = head[..end];
            head = head[(end + 2)..];
            if (StartsWith(line, "Content-Length:"u8) && Utf8Parser.TryParse(line[15..].TrimStart((byte)' '), out long length, out _))
            {
                _left = length;
            }
            else if (StartsWith(line, "Transfer-Encoding:"u8))
            {
                _isChunked = true;
            }
        }

        _state = _isChunked ? State.ChunkSize
            : _left > 0 ? State.Body
            : _left == 0 || status is 204 or 304 ? State.Complete
            : throw new InvalidDataException("A response without a length.");
    }

    private void TakeBody(ReadOnlySpan<byte> part)
    {
        BodyLength += part.Length;
        _left -= part.Length;
        Hash?.AppendData(part);
        if (Counted is { } counted)
        {
            Occurrences += part.Count(counted);
        }

        if (_left == 0)
        {
            _state = _isChunked ? State.ChunkEnd : State.Complete;
        }
    }

    private void TakeLine()
    {
        var line = _held.AsSpan(0, _heldCount).TrimEnd("\r\n"u8);
        switch (_state)
        {
            case State.ChunkSize:
                if (!Utf8Parser.TryParse(line, out _left, out _, 'x'))
                {
                    throw new InvalidDataException("A chunk without a size.");
                }

                _state = _left == 0 ? State.Trailer : State.Body;
                break;
            case State.ChunkEnd:
                _state = State.ChunkSize;
                break;
            default:
                _state = line.IsEmpty ? State.Complete : State.Trailer;
                break;
        }

        _heldCount = 0;
    }

    private void Hold(ReadOnlySpan<byte> data)
    {
        if (_heldCount + data.Length > MaxHead)
        {
            // A head that comes with much of its body is held as far as it may reach.
            data = _state == State.Head && _heldCount < MaxHead ? data[..(MaxHead - _heldCount)] : throw new InvalidDataException("A head or a line is too long.");
        }

        if (_heldCount + data.Length > _held.Length)
        {
            Array.Resize(ref _held, MaxHead);
        }

        data.CopyTo(_held.AsSpan(_heldCount));
        _heldCount += data.Length;
    }

    private static bool StartsWith(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) => line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);
}
