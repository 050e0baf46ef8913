using System.Text;
using System.Text.Json;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Entries;

/// <summary>
/// Writes entries of folders just as an <see cref="EntryDocument"/> is written, byte for byte, without making one: listings of ten thousand
/// spend their time here.
/// </summary>
/// <param name="json">Where to.</param>
/// <param name="backend">The backend's name.</param>
/// <param name="now">The time.</param>
internal sealed class EntryWriter(Utf8JsonWriter json, string backend, DateTimeOffset now)
{
    private static readonly JsonEncodedText s_name = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText s_path = JsonEncodedText.Encode("path");
    private static readonly JsonEncodedText s_type = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText s_size = JsonEncodedText.Encode("size");
    private static readonly JsonEncodedText s_modified = JsonEncodedText.Encode("modified");
    private static readonly JsonEncodedText s_permissions = JsonEncodedText.Encode("permissions");
    private static readonly JsonEncodedText s_etag = JsonEncodedText.Encode("etag");
    private static readonly JsonEncodedText[] s_types =
        [.. Enum.GetNames<RemoteEntryType>().Select(name => JsonEncodedText.Encode(JsonNamingPolicy.KebabCaseLower.ConvertName(name)))];

    private readonly ulong _backendHash = EntryTag.Hash(EntryTag.Seed, backend.AsSpan());
    private RemotePath? _folder;
    private ulong _folderHash;

    // The folder's path and a slash; behind them the path of an entry, one after the other.
    private byte[] _path = new byte[256];
    private int _folderLength;

    /// <summary>What comes is of this folder.</summary>
    public void Enter(RemotePath folder)
    {
        if (folder == _folder)
        {
            return;
        }

        _folder = folder;
        var path = folder.IsRoot ? "/" : folder.Value + "/";
        _folderLength = 0;
        MakeRoom(Encoding.UTF8.GetMaxByteCount(path.Length));
        _folderLength = Encoding.UTF8.GetBytes(path, _path);
        _folderHash = EntryTag.Hash(_backendHash, path.AsSpan());
    }

    /// <summary>Writes an entry of the folder.</summary>
    public void Write(in RemoteEntry entry)
    {
        MakeRoom(Encoding.UTF8.GetMaxByteCount(entry.Name.Length));
        Write(Encoding.UTF8.GetBytes(entry.Name, _path.AsSpan(_folderLength)), entry);
    }

    /// <summary>Writes an entry of the folder, or of one below it.</summary>
    /// <param name="below">Its path below the folder; its last segment is its name.</param>
    /// <param name="entry">The rest of it.</param>
    public void Write(ReadOnlySpan<byte> below, in RemoteEntry entry)
    {
        MakeRoom(below.Length);
        below.CopyTo(_path.AsSpan(_folderLength));
        Write(below.Length, entry);
    }

    private void Write(int length, in RemoteEntry entry)
    {
        var below = _path.AsSpan(_folderLength, length);
        json.WriteStartObject();
        json.WriteString(s_name, below[(below.LastIndexOf((byte)'/') + 1)..]);
        if (entry.IsAddressable)
        {
            json.WriteString(s_path, _path.AsSpan(0, _folderLength + length));
        }
        else
        {
            json.WriteNull(s_path);
        }

        json.WriteString(s_type, s_types[(int)entry.Type]);
        WriteSize(entry.Size);
        WriteModified(entry.Modified);
        WritePermissions(entry.Permissions);
        WriteTag(below, entry);
        json.WriteEndObject();
    }

    private void WriteSize(long? size)
    {
        if (size is { } bytes)
        {
            json.WriteNumber(s_size, bytes);
        }
        else
        {
            json.WriteNull(s_size);
        }
    }

    private void WriteModified(DateTimeOffset? modified)
    {
        if (modified is { } known)
        {
            json.WriteString(s_modified, known.UtcDateTime);
        }
        else
        {
            json.WriteNull(s_modified);
        }
    }

    private void WritePermissions(int? permissions)
    {
        if (permissions is { } bits)
        {
            Span<byte> text = [Octal(bits >> 9), Octal(bits >> 6), Octal(bits >> 3), Octal(bits)];
            json.WriteString(s_permissions, text);
        }
        else
        {
            json.WriteNull(s_permissions);
        }

        static byte Octal(int bits) => (byte)('0' + (bits & 7));
    }

    private void WriteTag(ReadOnlySpan<byte> below, in RemoteEntry entry)
    {
        Span<byte> tag = stackalloc byte[EntryTag.MaxLength];
        if (entry.IsAddressable && EntryTag.TryFormat(tag, EntryTag.Hash(_folderHash, below), entry, now, out var length))
        {
            json.WriteString(s_etag, tag[..length]);
        }
        else
        {
            json.WriteNull(s_etag);
        }
    }

    private void MakeRoom(int length)
    {
        if (_path.Length - _folderLength < length)
        {
            Array.Resize(ref _path, Math.Max(_path.Length * 2, _folderLength + length));
        }
    }
}
