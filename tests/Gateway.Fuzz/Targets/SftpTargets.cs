using System.Buffers.Binary;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Sftp;
using Gateway.Sftp.Protocol;

namespace Gateway.Fuzz.Targets;

/// <summary>Packets from SFTP servers.</summary>
internal static class SftpTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        new("sftp-names", input => Run(() => ReadNames(input))) { Words = ["\0\0\0\u0001", "..", "/", "drwxr-xr-x"] },
        new("sftp-attributes", input => Run(() => ReadAttributes(input))),
        new("sftp-version", input => Run(() => ReadVersion(input))) { Words = ["\0\0\0\u0001", "posix-rename@openssh.com", "limits@openssh.com"] },
        new("sftp-limits", input => Run(() => ReadLimits(input))),
        new("sftp-replies", input => Run(() => ReadReplies(input))) { Words = ["\0\0\0\u0001", "/"] },
    ];

    /// <summary>A packet that is none is a broken protocol, and nothing else.</summary>
    private static ValueTask Run(Action read)
    {
        try
        {
            read();
        }
        catch (SftpProtocolException)
        {
            // The one that is allowed.
        }

        return ValueTask.CompletedTask;
    }

    private static void ReadNames(byte[] input)
    {
        var entries = new List<SftpDirectoryEntry>();
        try
        {
            SftpDirectoryReader.AddNames(input, entries);
        }
        finally
        {
            // A name takes 12 bytes and its attributes at least.
            FuzzFailure.Unless(entries.Count <= input.Length / 12, "There are more names than fit into the packet.");
            foreach (var listed in entries)
            {
                Promises.OfEntry(SftpEntries.ToEntry(listed));
            }
        }
    }

    private static void ReadAttributes(byte[] input)
    {
        var reader = new SftpPacketReader(input);
        var attributes = SftpAttributes.Read(ref reader);
        var entry = SftpEntries.ToEntry(RemotePath.Parse("/a"), attributes);
        Promises.OfEntry(entry);
        if ((attributes.Flags & ~0xFu) == 0)
        {
            var again = new SftpPacketReader(Write(attributes));
            FuzzFailure.Unless(SftpAttributes.Read(ref again) == attributes, "Attributes that are written again are read as others.");
        }
    }

    private static byte[] Write(in SftpAttributes attributes)
    {
        using var bytes = new MemoryStream();
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(number, attributes.Flags);
        bytes.Write(number[..4]);
        if ((attributes.Flags & SftpAttributes.HasSize) != 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, attributes.Size);
            bytes.Write(number);
        }

        foreach (var (flag, value) in new[]
        {
            (SftpAttributes.HasOwner, attributes.UserId), (SftpAttributes.HasOwner, attributes.GroupId), (SftpAttributes.HasMode, attributes.Mode),
            (SftpAttributes.HasTimes, attributes.AccessTime), (SftpAttributes.HasTimes, attributes.ModificationTime),
        })
        {
            if ((attributes.Flags & flag) != 0)
            {
                BinaryPrimitives.WriteUInt32BigEndian(number, value);
                bytes.Write(number[..4]);
            }
        }

        return bytes.ToArray();
    }

    private static void ReadVersion(byte[] input)
    {
        var reader = new SftpPacketReader(input);
        _ = SftpExtensions.Read(ref reader);
    }

    private static void ReadLimits(byte[] input)
    {
        var reader = new SftpPacketReader(input);
        var limits = SftpLimits.Read(ref reader);
        FuzzFailure.Unless(limits.MaxRead is >= 4096 and <= SftpLimits.LargestPayload, "READs have an impossible size.");
        FuzzFailure.Unless(limits.MaxWrite is >= 4096 and <= SftpLimits.LargestPayload, "WRITEs have an impossible size.");
        FuzzFailure.Unless(limits.MaxHandles >= 0, "The number of handles is negative.");
    }

    private static void ReadReplies(byte[] input)
    {
        var body = input.AsSpan(Math.Min(1, input.Length));
        switch (input is [var kind, ..] ? kind % 4 : 0)
        {
            case 0:
                _ = SftpReplies.ReadStatus(body, out var message);
                FuzzFailure.Unless(message.Length <= 512, "The server's message is too long.");
                break;
            case 1:
                FuzzFailure.Unless(SftpReplies.ReadHandle(body).Bytes.Length is > 0 and <= SftpHandle.MaxLength, "A handle has an impossible length.");
                break;
            case 2:
                FuzzFailure.Unless(Encoding.UTF8.GetByteCount(SftpReplies.ReadName(body)) <= 3 * body.Length, "A name is longer than its packet.");
                break;
            default:
                _ = SftpReplies.ReadFreeSpace(body);
                break;
        }
    }
}
