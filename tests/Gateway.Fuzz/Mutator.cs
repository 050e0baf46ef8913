using System.Buffers.Binary;
using System.Text;

namespace Gateway.Fuzz;

/// <summary>Makes inputs from those of a corpus. The same seed makes the same ones.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, IReadOnlyList<string> words)
{
    /// <summary>Longest input. Most stay far shorter.</summary>
    public const int MaxLength = 64 * 1024;

    private static readonly uint[] s_odd = [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF];

    private readonly Random _random = new(seed);
    private readonly byte[][] _words = [.. words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var input = corpus[_random.Next(corpus.Count)].ToList();
        for (var changes = 1 + _random.Next(6); changes > 0; changes--)
        {
            Change(input);
        }

        return [.. input.Take(MaxLength)];
    }

    private void Change(List<byte> input)
    {
        var at = _random.Next(input.Count + 1);
        var rest = input.Count - at;
        switch (_random.Next(11))
        {
            case 0 when rest > 0:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when rest > 0:
                input[at] = (byte)_random.Next(256);
                break;
            case 2:
                input.Insert(at, (byte)_random.Next(256));
                break;
            case 3 when rest > 0:
                input.RemoveRange(at, Math.Min(rest, 1 + _random.Next(8)));
                break;
            case 4:
                input.RemoveRange(at, rest);
                break;
            case 5 when rest > 0:
                Repeat(input, at, 1 + _random.Next(Math.Min(rest, 32)));
                break;
            case 6 when rest >= 4:
                var number = new byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(number, s_odd[_random.Next(s_odd.Length)]);
                input.RemoveRange(at, 4);
                input.InsertRange(at, number);
                break;
            case 7:
                var other = corpus[_random.Next(corpus.Count)];
                var from = _random.Next(other.Length + 1);
                input.InsertRange(at, other.AsSpan(from, _random.Next(other.Length - from + 1)).ToArray());
                break;
            case 8 or 9 when _words.Length > 0:
                input.InsertRange(at, _words[_random.Next(_words.Length)]);
                break;
            default:
                input.Insert(at, s_special[_random.Next(s_special.Length)]);
                break;
        }
    }

    /// <summary>Mostly a few times; now and then until the input is long.</summary>
    private void Repeat(List<byte> input, int at, int length)
    {
        var piece = input.GetRange(at, length);
        var most = _random.Next(500) == 0 ? MaxLength / length : 8;
        for (var times = _random.Next(most + 1); times > 0 && input.Count < MaxLength; times--)
        {
            input.InsertRange(at, piece);
        }
    }

    private static readonly byte[] s_special = "\0\r\n\t \"'%/\\.,;:=*?[](){}<>-_~^|@#&+0123456789aAzZ\x7F"u8.ToArray();
}
