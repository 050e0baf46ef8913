using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Gateway.Broker.Backends;

/// <summary>
/// A path below a backend's root: <c>/</c>, or <c>/name/name</c>. It holds no empty segment, no <c>.</c> or <c>..</c>, no
/// control character and no unpaired surrogate, and ends without a slash. Everything else is a legal name: quotes,
/// <c>#</c>, <c>%</c>, backslash, a leading dash.
/// </summary>
public readonly record struct RemotePath
{
    /// <summary>The longest path accepted, in UTF-8 bytes (Linux' PATH_MAX without its terminator).</summary>
    public const int MaxBytes = 4095;

    private readonly string? _value;

    private RemotePath(string value) => _value = value;

    /// <summary>The backend's root folder.</summary>
    public static RemotePath Root => default;

    /// <summary>The path with its leading slash.</summary>
    public string Value => _value ?? "/";

    /// <summary>Whether this is the backend's root.</summary>
    public bool IsRoot => _value is null;

    /// <summary>The last segment; empty for the root.</summary>
    public string Name => _value is null ? "" : _value[(_value.LastIndexOf('/') + 1)..];

    /// <summary>The folder that holds this entry; the root is its own parent.</summary>
    public RemotePath Parent
    {
        get
        {
            var cut = _value?.LastIndexOf('/') ?? 0;
            return cut <= 0 ? default : new RemotePath(_value![..cut]);
        }
    }

    /// <summary>Reads a decoded path. One leading and one trailing slash are optional.</summary>
    /// <param name="text">The path as text, percent-decoding already done.</param>
    /// <param name="path">The result; the root on failure.</param>
    /// <param name="reason">Why not, as a sentence for the caller; null on success.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out RemotePath path, [NotNullWhen(false)] out string? reason)
    {
        path = default;
        reason = null;
        var rest = text;
        if (rest.StartsWith('/'))
        {
            rest = rest[1..];
        }

        if (rest.EndsWith('/'))
        {
            rest = rest[..^1];
        }

        if (rest.IsEmpty)
        {
            reason = text.Length > 1 ? "The path has an empty segment (two slashes in a row)." : null;
            return reason is null;
        }

        foreach (var range in rest.Split('/'))
        {
            reason = WhyNotName(rest[range]);
            if (reason is not null)
            {
                return false;
            }
        }

        if (Encoding.UTF8.GetByteCount(rest) + 1 > MaxBytes)
        {
            reason = $"The path is longer than {MaxBytes} bytes.";
            return false;
        }

        path = new RemotePath(string.Concat("/", rest));
        return true;
    }

    /// <summary>Reads a decoded path; for paths from configuration and tests.</summary>
    /// <exception cref="FormatException">It is not a valid path; the message says why.</exception>
    public static RemotePath Parse(string text) =>
        TryParse(text, out var path, out var reason) ? path : throw new FormatException(reason);

    /// <summary>Whether <paramref name="name"/> can be one segment of a path.</summary>
    public static bool IsValidName(ReadOnlySpan<char> name) => WhyNotName(name) is null && !name.Contains('/');

    /// <summary>The entry called <paramref name="name"/> in this folder.</summary>
    /// <exception cref="ArgumentException">The name cannot be a segment.</exception>
    public RemotePath Append(string name) =>
        IsValidName(name) ? new RemotePath(_value + "/" + name) : throw new ArgumentException("Not a valid name.", nameof(name));

    /// <summary>Whether this is <paramref name="folder"/> itself or lies below it.</summary>
    public bool IsWithin(RemotePath folder) =>
        folder.IsRoot || (Value.StartsWith(folder.Value, StringComparison.Ordinal)
            && (Value.Length == folder.Value.Length || Value[folder.Value.Length] == '/'));

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static string? WhyNotName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
        {
            return "The path has an empty segment (two slashes in a row).";
        }

        if (name is "." or "..")
        {
            return "The path has a '.' or '..' segment; write the path in full.";
        }

        // Nearly every name: the loop is for the others.
        if (!name.ContainsAnyExceptInRange(' ', '~'))
        {
            return null;
        }

        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsControl(c))
            {
                return "The path has a control character.";
            }

            if (char.IsHighSurrogate(c) && i + 1 < name.Length && char.IsLowSurrogate(name[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(c))
            {
                return "The path is not valid Unicode.";
            }
        }

        return null;
    }
}
