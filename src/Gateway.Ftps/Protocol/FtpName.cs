using System.Text;

namespace Gateway.Ftps.Protocol;

/// <summary>Names in listings: UTF-8, strictly (RFC 2640).</summary>
internal static class FtpName
{

    /// <returns>The name, and whether its bytes were UTF-8; where not, they are replaced.</returns>
    public static (string Name, bool IsUtf8) Decode(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return (Encoding.UTF8.GetString(bytes), true);
        }

        return (Encoding.UTF8.GetString(bytes), false);
    }

    /// <summary>Whether <paramref name="name"/> is the folder itself or its parent.</summary>
    public static bool IsDots(ReadOnlySpan<byte> name) => name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);
}
