using System.Buffers;

namespace Gateway.FunctionalTests.Contract;

/// <summary>One sequence made of many segments, as a request body's pipe gives it.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> memory, long start)
    {
        Memory = memory;
        RunningIndex = start;
    }

    public static ReadOnlySequence<byte> Create(ReadOnlyMemory<byte> content, int size)
    {
        var first = new Pieces(content[..Math.Min(size, content.Length)], 0);
        var last = first;
        for (var position = size; position < content.Length; position += size)
        {
            var next = new Pieces(content.Slice(position, Math.Min(size, content.Length - position)), position);
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
