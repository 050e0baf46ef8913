using System.Net;
using System.Security.Cryptography;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>A request body of any length that is never held whole: it is made, and hashed, as it is sent.</summary>
internal sealed class GeneratedContent : HttpContent
{
    private readonly long _length;

    public GeneratedContent(long length) => _length = length;

    /// <summary>SHA-256 of what was sent.</summary>
    public byte[] Hash { get; private set; } = [];

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[1024 * 1024];
        new Random(7).NextBytes(block);
        for (var left = _length; left > 0; left -= block.Length)
        {
            // Every block differs from the others: one lost, doubled or moved changes the hash.
            BitConverter.TryWriteBytes(block, left);
            var piece = block.AsMemory(0, (int)Math.Min(left, block.Length));
            hash.AppendData(piece.Span);
            await stream.WriteAsync(piece);
        }

        Hash = hash.GetHashAndReset();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
