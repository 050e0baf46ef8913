using System.Security.Cryptography;
using System.Text;

namespace Gateway.Api.Configuration;

/// <summary>
/// A hash over all that makes connections of a backend different: keys, values, and the contents of every file that a key
/// ending in <c>File</c> names, so that a rotated secret counts as a change.
/// </summary>
internal static class BackendFingerprint
{
    private const int MaxFileBytes = 1024 * 1024;

    /// <summary>Keys that the HTTP side alone uses, or that a pool takes over as it runs: the connections stay as they are.</summary>
    private static readonly string[] s_ignored = ["ReadOnly", "Listing", "Transfers:MaxUploadBytes", "Pool"];

    /// <summary>The one key under those that the connector has taken in.</summary>
    private const string ConnectTimeout = "Pool:ConnectTimeout";

    // Keyed with a number of this process: a fingerprint that leaks is no help in guessing a password.
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    /// <summary>The fingerprint of one backend's section.</summary>
    public static string Compute(IConfigurationSection section)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, s_key);
        foreach (var (key, value) in section.AsEnumerable(makePathsRelative: true)
            .Where(pair => !IsIgnored(pair.Key))
            .OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            Append(hash, Encoding.UTF8.GetBytes(key.ToUpperInvariant()));
            Append(hash, Encoding.UTF8.GetBytes(value ?? ""));
            if (key.EndsWith("File", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrEmpty(value))
            {
                Append(hash, Contents(value));
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static bool IsIgnored(string key) =>
        !string.Equals(key, ConnectTimeout, StringComparison.OrdinalIgnoreCase)
        && s_ignored.Any(ignored => key.StartsWith(ignored, StringComparison.OrdinalIgnoreCase)
            && (key.Length == ignored.Length || key[ignored.Length] == ':'));

    /// <summary>Length first: two values never run into each other.</summary>
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }

    private static byte[] Contents(string path)
    {
        try
        {
            var info = new FileInfo(path);
            return info.Exists && info.Length <= MaxFileBytes ? File.ReadAllBytes(path) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // What is wrong with the file is found, and told, by the validation.
            return [];
        }
    }
}
