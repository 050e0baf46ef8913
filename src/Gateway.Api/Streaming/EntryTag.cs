using System.Globalization;
using Gateway.Broker.Backends;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Streaming;

/// <summary>
/// The entity tag of a file: made of its size, modification time and path, since neither SFTP nor FTP keeps one. Servers give times in
/// whole seconds, so that a file younger than that may change again without its tag changing: it is weak until then.
/// </summary>
internal static class EntryTag
{
    /// <summary>Younger than this, a file may change within the second that its time tells. One second of it is the clocks'.</summary>
    private static readonly TimeSpan s_resolution = TimeSpan.FromSeconds(2);

    /// <summary>The tag; null where size or time is unknown, or the time is too coarse.</summary>
    public static EntityTagHeaderValue? Of(string backend, RemotePath path, in RemoteEntry entry, DateTimeOffset now) =>
        Format(backend, path, entry, now) is { } text ? EntityTagHeaderValue.Parse(text) : null;

    /// <summary>The tag as a header's text.</summary>
    public static string? Format(string backend, RemotePath path, in RemoteEntry entry, DateTimeOffset now)
    {
        if (entry is not { Type: RemoteEntryType.File, Size: { } size, ExactModified: { } modified })
        {
            return null;
        }

        var mark = now - modified < s_resolution ? "W/" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{mark}\"{modified.UtcTicks / TimeSpan.TicksPerMillisecond:x}-{size:x}-{Hash(backend, path):x}\"");
    }

    /// <summary>FNV-1a: tells paths apart, guards nothing.</summary>
    private static ulong Hash(string backend, RemotePath path)
    {
        const ulong Prime = 1099511628211;
        var hash = 14695981039346656037;
        foreach (var c in backend)
        {
            hash = (hash ^ c) * Prime;
        }

        foreach (var c in path.Value)
        {
            hash = (hash ^ c) * Prime;
        }

        return hash;
    }
}
