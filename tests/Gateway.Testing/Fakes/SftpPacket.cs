using System.Buffers.Binary;
using System.Text;

namespace Gateway.Testing.Fakes;

/// <summary>A packet as a scripted server saw it.</summary>
/// <param name="Type">The type byte.</param>
/// <param name="Id">The request id.</param>
/// <param name="Body">What follows the id.</param>
public sealed record SftpPacket(byte Type, uint Id, byte[] Body)
{
    /// <summary>The length-prefixed string at the start of the body: a path or handle.</summary>
    public string FirstString => Encoding.UTF8.GetString(Body, 4, BinaryPrimitives.ReadInt32BigEndian(Body));

    /// <summary>READ and WRITE: the offset behind the handle.</summary>
    public long Offset => BinaryPrimitives.ReadInt64BigEndian(Body.AsSpan(4 + BinaryPrimitives.ReadInt32BigEndian(Body)));

    /// <summary>READ: the length wanted; WRITE: the payload's length.</summary>
    public int Count => BinaryPrimitives.ReadInt32BigEndian(Body.AsSpan(12 + BinaryPrimitives.ReadInt32BigEndian(Body)));
}
