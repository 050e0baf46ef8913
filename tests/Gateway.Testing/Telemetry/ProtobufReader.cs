using System.Buffers.Binary;

namespace Gateway.Testing.Telemetry;

/// <summary>Reads the fields of one protobuf message (the wire format, without a schema).</summary>
/// <param name="message">The message.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The field's number.</summary>
    public int Field { get; private set; }

    /// <summary>Its value: of a varint, a fixed32 or a fixed64.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value: of bytes, a string or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The value of a double.</summary>
    public readonly double Double => BitConverter.UInt64BitsToDouble(Number);

    /// <summary>The value of a string.</summary>
    public readonly string Text => System.Text.Encoding.UTF8.GetString(Bytes);

    /// <summary>The value of an identifier, in hexadecimal digits.</summary>
    public readonly string Hex => Convert.ToHexStringLower(Bytes);

    /// <summary>Goes to the next field.</summary>
    /// <returns>False at the end.</returns>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var key = ReadVarint();
        Field = (int)(key >> 3);
        switch (key & 7)
        {
            case 0:
                Number = ReadVarint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take((int)ReadVarint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new InvalidDataException($"Wire type {key & 7} is not known.");
        }

        return true;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var octet = Take(1)[0];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }
    }
}
