using System.Buffers.Binary;
using System.Text;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>
/// The entries of a folder, or of a tree, ordered by name (in a tree: by path below the folder; bytes of UTF-8 are compared). Held in two
/// arrays: a million entries take about 32 MB and their names, where objects would take several times that.
/// </summary>
internal sealed class ListingTable
{
    private readonly Row[] _rows;
    private readonly byte[] _names;

    private ListingTable(Row[] rows, byte[] names, IReadOnlyList<BackendException> unreadable)
    {
        (_rows, _names, Unreadable) = (rows, names, unreadable);
        Sort();
    }

    /// <summary>How many entries.</summary>
    public int Count => _rows.Length;

    /// <summary>Bytes of memory, nearly.</summary>
    public long Weight => (_rows.LongLength * 32) + _names.Length + 256;

    /// <summary>Folders of a tree that could not be read, the first of them.</summary>
    public IReadOnlyList<BackendException> Unreadable { get; }

    /// <summary>An entry, with the last segment of its path as its name.</summary>
    public RemoteEntry Entry(int row) => _rows[row].ToEntry(Encoding.UTF8.GetString(LastSegment(Name(row))));

    /// <summary>An entry without its name.</summary>
    public RemoteEntry Nameless(int row) => _rows[row].ToEntry("");

    /// <summary>The path below the folder of what holds an entry; empty for the folder itself.</summary>
    public string Parent(int row)
    {
        var name = Name(row);
        return Encoding.UTF8.GetString(name[..Math.Max(0, name.LastIndexOf((byte)'/'))]);
    }

    /// <summary>The path below the folder, as UTF-8.</summary>
    public ReadOnlySpan<byte> Name(int row) => Name(_rows[row]);

    /// <summary>What an entry is ordered by before its name: its size, its time, or nothing; -1 where unknown.</summary>
    public long Key(int row, ListingSort sort) => sort switch
    {
        ListingSort.Size => _rows[row].Size,
        ListingSort.Modified => _rows[row].Modified,
        _ => 0,
    };

    /// <summary>
    /// By the eight bytes behind what all names begin with, as numbers; only the few that are equal so far are compared whole. Where a name
    /// has ended, zeros stand in for the rest: they order it before every longer one, or as equal, whatever bytes that one goes on with.
    /// </summary>
    private void Sort()
    {
        var shared = LengthOfSharedStart();
        var keys = new ulong[_rows.Length];
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < keys.Length; i++)
        {
            var rest = Name(_rows[i])[shared..];
            padded.Clear();
            rest[..Math.Min(rest.Length, padded.Length)].CopyTo(padded);
            keys[i] = BinaryPrimitives.ReadUInt64BigEndian(padded);
        }

        Array.Sort(keys, _rows);
        Comparison<Row> byName = (left, right) => Name(left).SequenceCompareTo(Name(right));
        for (var start = 0; start < keys.Length;)
        {
            var end = start + 1;
            while (end < keys.Length && keys[end] == keys[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                _rows.AsSpan(start, end - start).Sort(byName);
            }

            start = end;
        }
    }

    private int LengthOfSharedStart()
    {
        var first = _rows.Length == 0 ? default : Name(_rows[0]);
        var shared = first.Length;
        foreach (ref readonly var row in _rows.AsSpan())
        {
            shared = first[..shared].CommonPrefixLength(Name(row));
        }

        return shared;
    }

    private static ReadOnlySpan<byte> LastSegment(ReadOnlySpan<byte> name) => name[(name.LastIndexOf((byte)'/') + 1)..];

    private ReadOnlySpan<byte> Name(in Row row) => _names.AsSpan(row.NameStart, row.NameLength);

    /// <summary>Collects entries in any order.</summary>
    public sealed class Builder
    {
        /// <summary>More folders that cannot be read are not told one by one.</summary>
        private const int MaxUnreadable = 100;

        private readonly List<Row> _rows = [];
        private readonly List<BackendException> _unreadable = [];
        private byte[] _names = new byte[1024];
        private int _length;

        /// <summary>How many so far.</summary>
        public int Count => _rows.Count;

        /// <summary>Bytes of their names and of the paths to them.</summary>
        public long NameBytes => _length;

        /// <summary>Adds entries of the folder itself.</summary>
        public void Add(ReadOnlySpan<RemoteEntry> entries)
        {
            foreach (ref readonly var entry in entries)
            {
                Add("", entry);
            }
        }

        /// <summary>Adds an entry.</summary>
        /// <param name="parent">The path below the folder of what holds it; empty for the folder itself.</param>
        /// <param name="entry">The entry.</param>
        public void Add(string parent, in RemoteEntry entry)
        {
            var most = Encoding.UTF8.GetMaxByteCount(parent.Length + entry.Name.Length + 1);
            if (_names.Length - _length < most)
            {
                Array.Resize(ref _names, (int)Math.Min(Array.MaxLength, Math.Max(_names.Length * 2L, _length + (long)most)));
            }

            var start = _length;
            if (parent.Length > 0)
            {
                _length += Encoding.UTF8.GetBytes(parent, _names.AsSpan(_length));
                _names[_length++] = (byte)'/';
            }

            _length += Encoding.UTF8.GetBytes(entry.Name, _names.AsSpan(_length));
            _rows.Add(Row.Of(entry, start, _length - start));
        }

        /// <summary>Adds a folder that could not be read.</summary>
        public void AddUnreadable(BackendException exception)
        {
            if (_unreadable.Count < MaxUnreadable)
            {
                _unreadable.Add(exception);
            }
        }

        /// <summary>The table. The builder is of no further use.</summary>
        public ListingTable Build() => new([.. _rows], _names.AsSpan(0, _length).ToArray(), _unreadable);
    }

    private readonly record struct Row
    {
        private const byte Approximate = 1;
        private const byte Addressable = 2;

        public long Size { get; init; }

        public long Modified { get; init; }

        public int NameStart { get; init; }

        public int NameLength { get; init; }

        private short Permissions { get; init; }

        private byte Type { get; init; }

        private byte Flags { get; init; }

        public static Row Of(in RemoteEntry entry, int nameStart, int nameLength) => new()
        {
            Size = entry.Size ?? -1,
            Modified = entry.Modified?.UtcTicks ?? -1,
            NameStart = nameStart,
            NameLength = nameLength,
            Permissions = (short)(entry.Permissions ?? -1),
            Type = (byte)entry.Type,
            Flags = (byte)((entry.IsModifiedApproximate ? Approximate : 0) | (entry.IsAddressable ? Addressable : 0)),
        };

        public RemoteEntry ToEntry(string name) => new()
        {
            Name = name,
            Type = (RemoteEntryType)Type,
            Size = Size < 0 ? null : Size,
            Modified = Modified < 0 ? null : new DateTimeOffset(Modified, TimeSpan.Zero),
            IsModifiedApproximate = (Flags & Approximate) != 0,
            Permissions = Permissions < 0 ? null : Permissions,
            IsAddressable = (Flags & Addressable) != 0,
        };
    }
}
