using System.Text;

namespace Gateway.Api.Directories.Zip;

/// <summary>
/// Names in an archive. What an unpacker could take for a way out of its folder (a backslash, a drive letter, a segment that is nothing but
/// dots once a system has cut its blanks off) is written as <c>%XX</c>; everything else stays.
/// </summary>
internal static class ZipName
{
    /// <summary>The name of an entry.</summary>
    /// <param name="parent">The name of the folder that holds it; empty at the top.</param>
    /// <param name="name">The last segment of its path.</param>
    public static string Of(string parent, string name)
    {
        var safe = name.Replace("\\", "%5C", StringComparison.Ordinal);
        if (parent.Length == 0 && safe is [>= 'A' and <= 'Z' or >= 'a' and <= 'z', ':', ..])
        {
            safe = string.Concat(safe.AsSpan(0, 1), "%3A", safe.AsSpan(2));
        }

        // Windows cuts dots and blanks off the end: ".. " would be "..".
        if (safe.AsSpan().Trim(". ").IsEmpty)
        {
            var escaped = new StringBuilder();
            foreach (var c in safe)
            {
                escaped.Append(c == '.' ? "%2E" : "%20");
            }

            safe = escaped.ToString();
        }

        return parent.Length == 0 ? safe : parent + "/" + safe;
    }
}
