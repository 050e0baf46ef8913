using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.FunctionalTests.Secrets;

/// <summary>Looks for secrets in everything that a gateway lets out: as they are, in base64, in hexadecimal, percent-encoded and as JSON.</summary>
internal sealed class SecretHunt
{
    private readonly List<(string Name, byte[] Needle)> _needles = [];
    private readonly ConcurrentDictionary<string, bool> _findings = new(StringComparer.Ordinal);

    /// <summary>What was found where; empty where nothing was.</summary>
    public IReadOnlyCollection<string> Findings => [.. _findings.Keys.Order(StringComparer.Ordinal)];

    /// <summary>How often something was looked at: a hunt that saw nothing proves nothing.</summary>
    public int Looks { get; private set; }

    /// <summary>A random value that nothing else holds by chance.</summary>
    public static string NewValue(string kind) => kind + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>From now on <paramref name="value"/> must not be found.</summary>
    public string Add(string name, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Need(name, "as it is", value);
        Need(name, "in hexadecimal", Convert.ToHexString(bytes));
        Need(name, "in hexadecimal", Convert.ToHexStringLower(bytes));
        Need(name, "percent-encoded", string.Concat(bytes.Select(b => string.Create(CultureInfo.InvariantCulture, $"%{b:X2}"))));
        Need(name, "percent-encoded", string.Concat(bytes.Select(b => string.Create(CultureInfo.InvariantCulture, $"%{b:x2}"))));
        Need(name, "percent-encoded", Uri.EscapeDataString(value));
        Need(name, "as JSON", System.Text.Json.JsonEncodedText.Encode(value).ToString());
        foreach (var offset in new[] { 0, 1, 2 })
        {
            // Within a longer text a value begins at any of three places of a group: the characters that it shares with others are left out.
            var text = Convert.ToBase64String([.. new byte[offset], .. bytes]).TrimEnd('=');
            var core = text[(offset == 0 ? 0 : 4)..(text.Length / 4 * 4)];
            Need(name, "in base64", core);
            Need(name, "in base64url", core.Replace('+', '-').Replace('/', '_'));
        }

        return value;
    }

    /// <summary>The lines of a private key, each by itself.</summary>
    public void AddPrivateKey(string name, string text)
    {
        foreach (var line in text.Split('\n').Where(line => line.Length >= 40 && !line.StartsWith("-----", StringComparison.Ordinal)))
        {
            Add(name, line.Trim());
        }
    }

    /// <summary>Looks through a text.</summary>
    public void Look(string where, string text) => Look(where, Encoding.UTF8.GetBytes(text));

    /// <summary>Looks through bytes.</summary>
    public void Look(string where, ReadOnlySpan<byte> bytes)
    {
        Looks++;
        foreach (var (name, needle) in _needles)
        {
            if (bytes.IndexOf(needle) is >= 0 and var at)
            {
                var start = Math.Max(0, at - 120);
                _findings.TryAdd($"{name} in {where}: …{Encoding.UTF8.GetString(bytes[start..Math.Min(bytes.Length, at + needle.Length + 60)])}…", true);
            }
        }
    }

    private void Need(string name, string form, string needle)
    {
        Assert.True(needle.Length >= 12, $"{name} is too short to be told from other text.");
        _needles.Add(($"{name} {form}", Encoding.UTF8.GetBytes(needle)));
    }
}
