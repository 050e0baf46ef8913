using System.Security.Cryptography;

namespace Gateway.Benchmarks.Stages;

/// <summary>A file that the servers serve.</summary>
/// <param name="Name">Its path below the served folder.</param>
/// <param name="Location">Where it is on this machine.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Digest">Its SHA-256 in hexadecimal.</param>
internal sealed record ServedFile(string Name, string Location, long Length, string Digest)
{
    /// <summary>Writes one of random bytes.</summary>
    public static async Task<ServedFile> CreateAsync(string folder, string name, long length)
    {
        const int MostAtOnce = 1024 * 1024;
        var location = Path.Combine(folder, name);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[MostAtOnce];
        await using (var file = File.Create(location))
        {
            for (var left = length; left > 0; left -= MostAtOnce)
            {
                var part = block.AsMemory(0, (int)Math.Min(left, MostAtOnce));
                Random.Shared.NextBytes(part.Span);
                hash.AppendData(part.Span);
                await file.WriteAsync(part);
            }
        }

        return new ServedFile(name, location, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Throws where another file has not the same content.</summary>
    public async Task CompareAsync(string location)
    {
        await using var file = File.OpenRead(location);
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file)) != Digest)
        {
            throw new InvalidDataException($"{location} has another content than {Name}.");
        }
    }

    /// <summary>Throws where another file has not the same size.</summary>
    public void CompareLength(string location)
    {
        var length = new FileInfo(location).Length;
        if (length != Length)
        {
            throw new InvalidDataException($"{location} has {length} bytes instead of {Length}.");
        }
    }
}
