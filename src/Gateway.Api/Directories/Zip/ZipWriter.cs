using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;

namespace Gateway.Api.Directories.Zip;

/// <summary>
/// Writes an archive (PKWARE's APPNOTE 6.3) front to back, without knowing what comes next: lengths and check sums stand behind each file,
/// and in ZIP64's form where four bytes may not hold them. What every archive has at its end, a list of its entries, is collected
/// meanwhile: some 70 bytes and the name for each.
/// </summary>
internal sealed class ZipWriter : IDisposable
{
    private const ushort DescriptorFlag = 1 << 3;
    private const ushort Utf8Flag = 1 << 11;
    private const ushort Deflate = 8;
    private const ushort Version = 20;
    private const ushort VersionOfZip64 = 45;
    private const ushort MadeByUnix = (3 << 8) | VersionOfZip64;
    private const ushort Zip64Extra = 1;
    private const ushort TimeExtra = 0x5455;

    private readonly PipeWriter _output;
    private readonly byte[] _record = new byte[128];

    // A list that grows without being copied.
    private readonly Pipe _list = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false));
    private long _position;
    private long _listLength;

    /// <param name="output">Where it goes. Nothing is flushed here.</param>
    public ZipWriter(PipeWriter output) => _output = output;

    /// <summary>Entries so far.</summary>
    public long Count { get; private set; }

    /// <summary>Writes a folder.</summary>
    public async ValueTask AddFolderAsync(ZipEntry entry)
    {
        var start = _position;
        WriteHead(entry);
        await ListAsync(entry, start, new ZipFrame());
    }

    /// <summary>Writes what stands in front of a file.</summary>
    /// <returns>Where it begins; for <see cref="EndFileAsync"/>.</returns>
    public long BeginFile(ZipEntry entry)
    {
        var start = _position;
        WriteHead(entry);
        return start;
    }

    /// <summary>Writes what stands behind a file.</summary>
    /// <param name="entry">The file.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="content">Through which all of its content was written.</param>
    public async ValueTask EndFileAsync(ZipEntry entry, long start, ZipFrame content)
    {
        _output.Write(content.End());
        _position += content.Length;
        if (!entry.IsLarge && content.Length >= uint.MaxValue)
        {
            throw new InvalidOperationException("The file has become larger than was announced.");
        }

        var record = new Record(_record);
        record.Add(0x08074b50u);
        record.Add(content.Sum);
        AddLengths(ref record, entry, content);
        Send(record);
        await ListAsync(entry, start, content);
    }

    /// <summary>Writes the list of all entries, and the end.</summary>
    /// <param name="comment">A comment on the whole, in ASCII.</param>
    /// <param name="flush">Sends what was written, piece by piece.</param>
    public async ValueTask EndAsync(string comment, Func<ValueTask> flush)
    {
        var start = _position;
        await _list.Writer.CompleteAsync();
        while (await _list.Reader.ReadAsync() is { Buffer: { IsEmpty: false } buffer })
        {
            foreach (var piece in buffer)
            {
                _output.Write(piece.Span);
                await flush();
            }

            _list.Reader.AdvanceTo(buffer.End);
        }

        WriteEnd(start, comment);
        await flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _list.Writer.Complete();
        _list.Reader.Complete();
    }

    private void WriteEnd(long start, string comment)
    {
        var record = new Record(_record);
        if (Count >= ushort.MaxValue || start >= uint.MaxValue || _listLength >= uint.MaxValue)
        {
            record.Add(0x06064b50u);
            record.Add(44L);
            record.Add(MadeByUnix);
            record.Add(VersionOfZip64);
            record.Add(0u);
            record.Add(0u);
            record.Add(Count);
            record.Add(Count);
            record.Add(_listLength);
            record.Add(start);
            record.Add(0x07064b50u);
            record.Add(0u);
            record.Add(start + _listLength);
            record.Add(1u);
        }

        var count = (ushort)Math.Min(Count, ushort.MaxValue);
        record.Add(0x06054b50u);
        record.Add(0u);
        record.Add(count);
        record.Add(count);
        record.Add((uint)Math.Min(_listLength, uint.MaxValue));
        record.Add((uint)Math.Min(start, uint.MaxValue));
        record.Add((ushort)comment.Length);
        Send(record);
        _output.Write(Encoding.ASCII.GetBytes(comment));
    }

    private void WriteHead(ZipEntry entry)
    {
        var name = NameOf(entry);
        var record = new Record(_record);
        record.Add(0x04034b50u);
        AddKind(ref record, entry);
        record.Add(0u);
        record.Add(entry.IsLarge ? uint.MaxValue : 0);
        record.Add(entry.IsLarge ? uint.MaxValue : 0);
        record.Add((ushort)name.Length);
        record.Add((ushort)((entry.IsLarge ? 20 : 0) + (entry.UnixTime is null ? 0 : 9)));
        Send(record);
        _output.Write(name);
        _position += name.Length;

        record = new Record(_record);
        if (entry.IsLarge)
        {
            record.Add(Zip64Extra);
            record.Add((ushort)16);
            record.Add(0L);
            record.Add(0L);
        }

        AddTime(ref record, entry);
        Send(record);
    }

    private async ValueTask ListAsync(ZipEntry entry, long start, ZipFrame content)
    {
        WriteToList(entry, start, content);
        Count++;

        // Nobody reads before the end, and nothing ever waits: this only hands over what was written.
        await _list.Writer.FlushAsync();
    }

    private void WriteToList(ZipEntry entry, long start, ZipFrame content)
    {
        var name = NameOf(entry);
        var isFar = start >= uint.MaxValue;
        var zip64 = (entry.IsLarge ? 16 : 0) + (isFar ? 8 : 0);
        var record = new Record(_record);
        record.Add(0x02014b50u);
        record.Add(MadeByUnix);
        AddKind(ref record, entry);
        record.Add(content.Sum);
        record.Add(entry.IsLarge ? uint.MaxValue : (uint)content.Length);
        record.Add(entry.IsLarge ? uint.MaxValue : (uint)content.Size);
        record.Add((ushort)name.Length);
        record.Add((ushort)((zip64 == 0 ? 0 : zip64 + 4) + (entry.UnixTime is null ? 0 : 9)));
        record.Add((ushort)0);
        record.Add((ushort)0);
        record.Add((ushort)0);
        record.Add(entry.Attributes);
        record.Add(isFar ? uint.MaxValue : (uint)start);
        var head = record.Written.Length;
        if (zip64 > 0)
        {
            record.Add(Zip64Extra);
            record.Add((ushort)zip64);
            if (entry.IsLarge)
            {
                record.Add(content.Size);
                record.Add(content.Length);
            }

            if (isFar)
            {
                record.Add(start);
            }
        }

        AddTime(ref record, entry);
        _list.Writer.Write(record.Written[..head]);
        _list.Writer.Write(name);
        _list.Writer.Write(record.Written[head..]);
        _listLength += record.Written.Length + name.Length;
    }

    private static byte[] NameOf(ZipEntry entry) => Encoding.UTF8.GetBytes(entry.IsFolder ? entry.Name + "/" : entry.Name);

    private static void AddKind(ref Record record, ZipEntry entry)
    {
        record.Add(entry.IsLarge ? VersionOfZip64 : Version);
        record.Add((ushort)(Utf8Flag | (entry.IsFolder ? 0 : DescriptorFlag)));
        record.Add(entry.IsFolder ? (ushort)0 : Deflate);
        record.Add(entry.DosTime);
    }

    private static void AddLengths(ref Record record, ZipEntry entry, ZipFrame content)
    {
        if (entry.IsLarge)
        {
            record.Add(content.Length);
            record.Add(content.Size);
        }
        else
        {
            record.Add((uint)content.Length);
            record.Add((uint)content.Size);
        }
    }

    private static void AddTime(ref Record record, ZipEntry entry)
    {
        if (entry.UnixTime is { } time)
        {
            record.Add(TimeExtra);
            record.Add((ushort)5);
            record.Add((byte)1);
            record.Add((uint)time);
        }
    }

    private void Send(in Record record)
    {
        _output.Write(record.Written);
        _position += record.Written.Length;
    }

    /// <summary>Numbers one after the other, little-endian.</summary>
    private ref struct Record(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

        public void Add(byte value) => _buffer[_length++] = value;

        public void Add(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_buffer[_length..], value);
            _length += 2;
        }

        public void Add(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_buffer[_length..], value);
            _length += 4;
        }

        public void Add(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_buffer[_length..], value);
            _length += 8;
        }
    }
}
