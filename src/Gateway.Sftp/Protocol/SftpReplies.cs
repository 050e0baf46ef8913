using System.Runtime.CompilerServices;
using System.Text;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// What a reply must be, and what it holds. Each method waits, reads and releases the request, whatever happens; several may be
/// started side by side, and then all must be awaited.
/// </summary>
internal static class SftpReplies
{
    private const int MaxServerMessage = 512;

    /// <summary>STATUS OK.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask TakeOkAsync(this SftpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await request.WaitAsync(cancellationToken);
            var code = ReadStatus(request, out var message);
            if (code != SftpStatusCode.Ok)
            {
                throw new SftpStatusException(code, message);
            }
        }
        finally
        {
            request.Release();
        }
    }

    /// <summary>HANDLE.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<SftpHandle> TakeHandleAsync(this SftpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await request.WaitAsync(cancellationToken);
            return request.ReadHandle();
        }
        finally
        {
            request.Release();
        }
    }

    /// <summary>ATTRS.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<SftpAttributes> TakeAttributesAsync(this SftpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await request.WaitAsync(cancellationToken);
            return request.ReadAttributes();
        }
        finally
        {
            request.Release();
        }
    }

    /// <summary>NAME with one name (REALPATH, READLINK).</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<string> TakeNameAsync(this SftpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await request.WaitAsync(cancellationToken);
            ThrowUnless(SftpPacketType.Name, request);
            return ReadName(request.Reply);
        }
        finally
        {
            request.Release();
        }
    }

    /// <summary>Free bytes for the account (statvfs@openssh.com), or null where the server does not tell.</summary>
    public static async ValueTask<ulong?> TakeFreeSpaceAsync(this SftpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await request.WaitAsync(cancellationToken);
            return request.ReplyType == SftpPacketType.ExtendedReply ? ReadFreeSpace(request.Reply) : null;
        }
        finally
        {
            request.Release();
        }
    }

    /// <summary>The handle in a reply that is here.</summary>
    public static SftpHandle ReadHandle(this SftpRequest request)
    {
        ThrowUnless(SftpPacketType.Handle, request);
        return ReadHandle(request.Reply);
    }

    /// <summary>The attributes in a reply that is here.</summary>
    public static SftpAttributes ReadAttributes(this SftpRequest request)
    {
        ThrowUnless(SftpPacketType.Attributes, request);
        var reader = new SftpPacketReader(request.Reply);
        return SftpAttributes.Read(ref reader);
    }

    /// <summary>The code of a STATUS reply; any other type of reply is out of place.</summary>
    public static SftpStatusCode ReadStatus(SftpRequest request, out string message)
    {
        if (request.ReplyType != SftpPacketType.Status)
        {
            throw new SftpProtocolException($"The server answered {request.Type} with packet type {(byte)request.ReplyType}.");
        }

        return ReadStatus(request.Reply, out message);
    }

    internal static SftpStatusCode ReadStatus(ReadOnlySpan<byte> reply, out string message)
    {
        var reader = new SftpPacketReader(reply);
        var code = (SftpStatusCode)reader.ReadUInt32();
        message = "";
        if (code != SftpStatusCode.Ok && reader.Remaining >= 4)
        {
            // Some servers of version 3 leave the text out, or end it wrongly; the code is what counts.
            var text = reader.ReadString();
            message = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxServerMessage)]);
        }

        return code;
    }

    private static void ThrowUnless(SftpPacketType expected, SftpRequest request)
    {
        if (request.ReplyType == expected)
        {
            return;
        }

        var code = ReadStatus(request, out var message);
        throw code == SftpStatusCode.Ok
            ? new SftpProtocolException($"The server answered {request.Type} with OK where a result was due.")
            : new SftpStatusException(code, message);
    }

    internal static SftpHandle ReadHandle(ReadOnlySpan<byte> reply)
    {
        var reader = new SftpPacketReader(reply);
        var handle = reader.ReadString();
        return handle.Length is > 0 and <= SftpHandle.MaxLength
            ? new SftpHandle(handle.ToArray())
            : throw new SftpProtocolException("The server's file handle has an impossible length.");
    }

    internal static string ReadName(ReadOnlySpan<byte> reply)
    {
        var reader = new SftpPacketReader(reply);
        return reader.ReadUInt32() == 1
            ? Encoding.UTF8.GetString(reader.ReadString())
            : throw new SftpProtocolException("The server answered with several names where one was due.");
    }

    internal static ulong ReadFreeSpace(ReadOnlySpan<byte> reply)
    {
        var reader = new SftpPacketReader(reply);
        reader.ReadUInt64();
        var fragmentSize = reader.ReadUInt64();
        reader.ReadUInt64();
        reader.ReadUInt64();
        var available = reader.ReadUInt64();
        return available > ulong.MaxValue / Math.Max(1, fragmentSize) ? ulong.MaxValue : available * fragmentSize;
    }
}
