using System.Buffers;
using System.Text;

namespace Gateway.Sftp.Protocol;

/// <content>
/// The requests. Each appends one packet and returns at once; <see cref="Flush"/> sends. The caller waits for the returned request and
/// releases it in every case.
/// </content>
internal sealed partial class SftpChannel
{
    public SftpRequest RealPath(string path) => OnPath(SftpPacketType.RealPath, path);

    public SftpRequest Stat(string path) => OnPath(SftpPacketType.Stat, path);

    public SftpRequest LStat(string path) => OnPath(SftpPacketType.LStat, path);

    public SftpRequest OpenDirectory(string path) => OnPath(SftpPacketType.OpenDir, path);

    public SftpRequest Remove(string path) => OnPath(SftpPacketType.Remove, path);

    public SftpRequest RemoveDirectory(string path) => OnPath(SftpPacketType.RmDir, path);

    public SftpRequest FStat(SftpHandle handle) => OnHandle(SftpPacketType.FStat, handle);

    public SftpRequest ReadDirectory(SftpHandle handle) => OnHandle(SftpPacketType.ReadDir, handle);

    public SftpRequest Close(SftpHandle handle) => OnHandle(SftpPacketType.Close, handle);

    public SftpRequest Open(string path, SftpOpenFlags flags)
    {
        lock (_gate)
        {
            var request = BeginOnPath(SftpPacketType.Open, path, 8, out var rest);
            rest = Put(rest, (uint)flags);
            Put(rest, 0u);
            return request;
        }
    }

    public SftpRequest MakeDirectory(string path)
    {
        lock (_gate)
        {
            var request = BeginOnPath(SftpPacketType.MkDir, path, 4, out var rest);
            Put(rest, 0u);
            return request;
        }
    }

    /// <summary>READ of up to <paramref name="length"/> bytes from <paramref name="offset"/>.</summary>
    public SftpRequest Read(SftpHandle handle, long offset, int length)
    {
        lock (_gate)
        {
            var request = BeginOnHandle(SftpPacketType.Read, handle, 12, out var rest);
            rest = Put(rest, (ulong)offset);
            Put(rest, (uint)length);
            request.Offset = offset;
            request.Wanted = length;
            Interlocked.Add(ref _bytesInFlight, length);
            return request;
        }
    }

    /// <summary>
    /// WRITE, sent from where <paramref name="data"/> lies: wait for <see cref="SftpWritePayload.WaitSentAsync"/> before its memory is used
    /// again, and for the request before the write counts as done.
    /// </summary>
    public SftpRequest Write(SftpHandle handle, long offset, ReadOnlySequence<byte> data, SftpWritePayload payload)
    {
        lock (_gate)
        {
            var request = NewRequest(SftpPacketType.Write);
            request.Sent = (int)data.Length;
            Interlocked.Add(ref _bytesInFlight, data.Length);
            var bodyLength = 4 + handle.Bytes.Length + 8 + 4 + (int)data.Length;
            var rest = payload.Header;
            WriteHeader(rest, SftpPacketType.Write, request.Id, bodyLength);
            rest = Put(rest[9..], handle.Bytes);
            rest = Put(rest, (ulong)offset);
            Put(rest, (uint)data.Length);
            payload.Set(data, 9 + 4 + handle.Bytes.Length + 8 + 4);
            _payloads.Enqueue(payload);
            return request;
        }
    }

    /// <summary>Sets what is not null: permission bits, and both times in whole seconds since 1970.</summary>
    public SftpRequest SetStat(string path, int? permissions, uint? time)
    {
        lock (_gate)
        {
            var request = BeginOnPath(SftpPacketType.SetStat, path, AttributesLength(permissions, time), out var rest);
            PutAttributes(rest, permissions, time);
            return request;
        }
    }

    /// <summary>RENAME; in version 3 it must fail where the target exists (draft-ietf-secsh-filexfer-02, section 6.5).</summary>
    public SftpRequest Rename(string from, string to)
    {
        lock (_gate)
        {
            var fromLength = Encoding.UTF8.GetByteCount(from);
            var request = Begin(SftpPacketType.Rename, 8 + fromLength + Encoding.UTF8.GetByteCount(to), out var body);
            Put(Put(body, from), to);
            return request;
        }
    }

    /// <summary>posix-rename@openssh.com: replaces an existing target in one step (OpenSSH PROTOCOL, section 4.3).</summary>
    public SftpRequest PosixRename(string from, string to)
    {
        lock (_gate)
        {
            var length = 8 + Encoding.UTF8.GetByteCount(from) + Encoding.UTF8.GetByteCount(to);
            var request = BeginExtended("posix-rename@openssh.com"u8, length, out var rest);
            Put(Put(rest, from), to);
            return request;
        }
    }

    /// <summary>copy-data (draft-ietf-secsh-filexfer-extensions-00, section 7; OpenSSH PROTOCOL, section 4.10).</summary>
    public SftpRequest CopyData(SftpHandle from, long offset, long length, SftpHandle to, long target)
    {
        lock (_gate)
        {
            var request = BeginExtended("copy-data"u8, 4 + from.Bytes.Length + 16 + 4 + to.Bytes.Length + 8, out var rest);
            rest = Put(Put(Put(rest, from.Bytes), (ulong)offset), (ulong)length);
            Put(Put(rest, to.Bytes), (ulong)target);
            return request;
        }
    }

    /// <summary>fsync@openssh.com (OpenSSH PROTOCOL, section 4.6).</summary>
    public SftpRequest Fsync(SftpHandle handle)
    {
        lock (_gate)
        {
            var request = BeginExtended("fsync@openssh.com"u8, 4 + handle.Bytes.Length, out var rest);
            Put(rest, handle.Bytes);
            return request;
        }
    }

    /// <summary>statvfs@openssh.com (OpenSSH PROTOCOL, section 4.4).</summary>
    public SftpRequest StatVfs(string path)
    {
        lock (_gate)
        {
            var request = BeginExtended("statvfs@openssh.com"u8, 4 + Encoding.UTF8.GetByteCount(path), out var rest);
            Put(rest, path);
            return request;
        }
    }

    private SftpRequest AskLimits()
    {
        lock (_gate)
        {
            return BeginExtended("limits@openssh.com"u8, 0, out _);
        }
    }

    private SftpRequest OnPath(SftpPacketType type, string path)
    {
        lock (_gate)
        {
            return BeginOnPath(type, path, 0, out _);
        }
    }

    private SftpRequest OnHandle(SftpPacketType type, SftpHandle handle)
    {
        lock (_gate)
        {
            return BeginOnHandle(type, handle, 0, out _);
        }
    }

    private SftpRequest BeginOnPath(SftpPacketType type, string path, int more, out Span<byte> rest)
    {
        var request = Begin(type, 4 + Encoding.UTF8.GetByteCount(path) + more, out var body);
        rest = Put(body, path);
        return request;
    }

    private SftpRequest BeginOnHandle(SftpPacketType type, SftpHandle handle, int more, out Span<byte> rest)
    {
        var request = Begin(type, 4 + handle.Bytes.Length + more, out var body);
        rest = Put(body, handle.Bytes);
        return request;
    }

    private SftpRequest BeginExtended(ReadOnlySpan<byte> name, int more, out Span<byte> rest)
    {
        var request = Begin(SftpPacketType.Extended, 4 + name.Length + more, out var body);
        rest = Put(body, name);
        return request;
    }

    private static int AttributesLength(int? permissions, uint? time) =>
        4 + (permissions is null ? 0 : 4) + (time is null ? 0 : 8);

    private static void PutAttributes(Span<byte> target, int? permissions, uint? time)
    {
        var flags = (permissions is null ? 0 : SftpAttributes.HasMode) | (time is null ? 0 : SftpAttributes.HasTimes);
        target = Put(target, flags);
        if (permissions is { } mode)
        {
            target = Put(target, (uint)mode);
        }

        if (time is { } seconds)
        {
            Put(Put(target, seconds), seconds);
        }
    }
}
