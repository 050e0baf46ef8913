using System.Buffers.Binary;

namespace Gateway.Sftp.Protocol;

/// <summary>Reads fields of one received packet. Every length is checked against what the packet holds.</summary>
internal ref struct SftpPacketReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte() => Take(1)[0];

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary>A length-prefixed byte string, still inside the packet.</summary>
    public ReadOnlySpan<byte> ReadString()
    {
        var length = ReadUInt32();
        if (length > (uint)_rest.Length)
        {
            throw new SftpProtocolException("A string in an SFTP packet is longer than the packet.");
        }

        return Take((int)length);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new SftpProtocolException("An SFTP packet is shorter than its fields.");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
