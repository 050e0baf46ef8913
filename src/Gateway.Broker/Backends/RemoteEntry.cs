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

    /// <summary>Length in bytes; null where the server does not say (often for directories).</summary>
    public long? Size { get; init; }

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

    /// <summary>A name that cannot be used in a path, made safe to show: control characters and slashes as <c>\u{..}</c>.</summary>
    public static string Escape(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            if (char.IsControl(c) || c == '/')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)c:x}}}");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }
}
