using System.Globalization;
using System.Text;

namespace Gateway.Broker.Backends;

/// <summary>One entry of a folder, as the server reports it.</summary>
public readonly record struct RemoteEntry
{
    /// <summary>
    /// The last segment of its path. From a listing it is untrusted: where <see cref="IsAddressable"/> is false it is
    /// for display only (bytes that are no UTF-8 replaced, control characters and slashes escaped).
    /// </summary>
    public required string Name { get; init; }

    /// <summary>File, directory, symlink (where the question was about the link itself), or other.</summary>
    public required RemoteEntryType Type { get; init; }

    /// <summary>1 EiB: no file system has larger files, and sums of a few of these do not overflow.</summary>
    public const long MaxSize = 1L << 60;

    /// <summary>
    /// Length in bytes; null where the server does not say (often for directories), or claims what no file can have: above
    /// <see cref="MaxSize"/>.
    /// </summary>
    public long? Size
    {
        get;
        init => field = value is >= 0 and <= MaxSize ? value : null;
    }

    /// <summary>Modification time, UTC; null where the server does not say.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>
    /// True where <see cref="Modified"/> is coarser than a second (a LIST line): good enough to show, not to build an ETag on.
    /// </summary>
    public bool IsModifiedApproximate { get; init; }

    /// <summary><see cref="Modified"/> where it is exact to the second, and may be told, kept and compared; else null.</summary>
    public DateTimeOffset? ExactModified => IsModifiedApproximate ? null : Modified;

    /// <summary>The permission bits (0 to 0o7777); null where the server does not say.</summary>
    public int? Permissions { get; init; }

    /// <summary>Whether <see cref="Name"/> can be used in a <see cref="RemotePath"/>.</summary>
    public bool IsAddressable { get; init; }

    /// <summary>
    /// The longest name in UTF-8 bytes that is taken from a listing. File systems have 255 bytes or characters; whatever a server claims
    /// beyond this is cut and only shown, so that no listing makes the gateway remember names without end.
    /// </summary>
    public const int MaxListedBytes = 1024;

    /// <summary>What a listing's name is to callers: itself where it can be used in a path, else what <see cref="Escape"/> makes of it.</summary>
    /// <param name="name">The server's word for it.</param>
    /// <param name="isExact">Whether <paramref name="name"/> has the server's bytes, and nothing in it was replaced.</param>
    /// <returns><see cref="Name"/> and <see cref="IsAddressable"/>.</returns>
    public static (string Name, bool IsAddressable) Admit(string name, bool isExact) =>
        isExact && name.Length <= MaxListedBytes && Encoding.UTF8.GetByteCount(name) <= MaxListedBytes && RemotePath.IsValidName(name)
            ? (name, true)
            : (Escape(name), false);

    /// <summary>
    /// A name that cannot be used in a path, made safe to show: control characters and slashes as <c>\u{..}</c>, unpaired surrogates
    /// replaced, and cut after <see cref="MaxListedBytes"/> characters.
    /// </summary>
    public static string Escape(string name)
    {
        var text = new StringBuilder(Math.Min(name.Length, MaxListedBytes) + 8);
        foreach (var rune in name.EnumerateRunes())
        {
            if (text.Length >= MaxListedBytes)
            {
                text.Append('…');
                break;
            }

            if (Rune.IsControl(rune) || rune.Value == '/')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
            else
            {
                text.Append(rune.ToString());
            }
        }

        return text.ToString();
    }
}
