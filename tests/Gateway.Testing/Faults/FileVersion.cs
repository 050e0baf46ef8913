using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Testing.Faults;

/// <summary>
/// One content that was sent for a file: made from its number, so that nobody has to keep it, and different at every position, so
/// that a byte lost, doubled, moved or taken from another version shows.
/// </summary>
/// <param name="Number">What it is made from.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct FileVersion(long Number, int Length)
{
    private const int Word = sizeof(ulong);

    /// <summary>Makes the bytes from <paramref name="offset"/> on.</summary>
    public void Fill(long offset, Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[Word];
        while (!destination.IsEmpty && offset % Word != 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mix(offset / Word));
            destination[0] = word[(int)(offset % Word)];
            destination = destination[1..];
            offset++;
        }

        var words = MemoryMarshal.Cast<byte, ulong>(destination);
        var index = offset / Word;
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = Mix(index + i);
        }

        var rest = destination[(words.Length * Word)..];
        BinaryPrimitives.WriteUInt64LittleEndian(word, Mix(index + words.Length));
        word[..rest.Length].CopyTo(rest);
    }

    /// <summary>Whether these are the bytes from <paramref name="offset"/> on.</summary>
    public bool Matches(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset + bytes.Length > Length)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[4096];
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(expected.Length, bytes.Length);
            Fill(offset, expected[..count]);
            if (!expected[..count].SequenceEqual(bytes[..count]))
            {
                return false;
            }

            bytes = bytes[count..];
            offset += count;
        }

        return true;
    }

    /// <summary>Whether a file on this machine has all of it, and nothing else.</summary>
    public bool IsWhole(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length != Length)
        {
            return false;
        }

        var buffer = new byte[64 * 1024];
        long offset = 0;
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            if (!Matches(offset, buffer.AsSpan(0, count)))
            {
                return false;
            }

            offset += count;
        }

        return offset == Length;
    }

    /// <summary>All of it.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        Fill(0, bytes);
        return bytes;
    }

    /// <summary>splitmix64: any word without those before it.</summary>
    private ulong Mix(long index)
    {
        var z = BitOperations.RotateLeft((ulong)Number * 0xD1B54A32D192ED03, 17) + (((ulong)index + 1) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
