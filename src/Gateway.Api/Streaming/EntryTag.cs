using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Gateway.Broker.Backends;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Streaming;

/// <summary>
/// The entity tag of a file: made of its size, modification time and path, since neither SFTP nor FTP keeps one. Servers give times in
/// whole seconds, so that a file younger than that may change again without its tag changing: it is weak until then.
/// </summary>
internal static class EntryTag
{
    /// <summary>What hashes begin with.</summary>
    public const ulong Seed = 14695981039346656037;

    /// <summary>Most bytes of a tag: three hexadecimal numbers of 64 bits, and what stands around them.</summary>
    public const int MaxLength = 64;

    private const ulong Prime = 1099511628211;

    /// <summary>Younger than this, a file may change within the second that its time tells. One second of it is the clocks'.</summary>
    private static readonly TimeSpan s_resolution = TimeSpan.FromSeconds(2);

    /// <summary>The tag; null where size or time is unknown, or the time is too coarse.</summary>
    public static EntityTagHeaderValue? Of(string backend, RemotePath path, in RemoteEntry entry, DateTimeOffset now) =>
        Format(backend, path, entry, now) is { } text ? EntityTagHeaderValue.Parse(text) : null;

    /// <summary>The tag as a header's text.</summary>
    public static string? Format(string backend, RemotePath path, in RemoteEntry entry, DateTimeOffset now)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return TryFormat(text, Hash(Hash(Seed, backend), path.Value), entry, now, out var length) ? Encoding.ASCII.GetString(text[..length]) : null;
    }

    /// <summary>The tag as a header's text, for whoever hashes the paths of a folder himself.</summary>
    /// <param name="text">Where to: <see cref="MaxLength"/> bytes.</param>
    /// <param name="hash">Of the backend's name and the path, with <see cref="Seed"/> before them.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The time.</param>
    /// <param name="length">How many bytes were written.</param>
    /// <returns>False where there is no tag, as in <see cref="Of"/>.</returns>
    public static bool TryFormat(Span<byte> text, ulong hash, in RemoteEntry entry, DateTimeOffset now, out int length)
    {
        length = 0;
        if (entry is not { Type: RemoteEntryType.File, Size: { } size, ExactModified: { } modified })
        {
            return false;
        }

        var mark = now - modified < s_resolution ? "W/" : "";
        return Utf8.TryWrite(
            text, CultureInfo.InvariantCulture, $"{mark}\"{modified.UtcTicks / TimeSpan.TicksPerMillisecond:x}-{size:x}-{hash:x}\"", out length);
    }

    /// <summary>FNV-1a over UTF-16: tells paths apart, guards nothing.</summary>
    public static ulong Hash(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return hash;
    }

    /// <summary>The same of a text in UTF-8.</summary>
    public static ulong Hash(ulong hash, ReadOnlySpan<byte> text)
    {
        if (!Ascii.IsValid(text))
        {
            return Hash(hash, Encoding.UTF8.GetString(text).AsSpan());
        }

        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return hash;
    }
}
