using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Testing.Servers;

/// <summary>Hashes for password files of servers, by the system's crypt(3).</summary>
internal static partial class PasswordHash
{
    private static readonly Lock Gate = new();

    /// <summary>SHA-512, which every server here understands.</summary>
    public static string Compute(string password)
    {
        var salt = "$6$" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)) + "$";
        // crypt returns a buffer that the next call overwrites.
        lock (Gate)
        {
            return Marshal.PtrToStringUTF8(Crypt(password, salt)) ?? throw new InvalidOperationException("crypt failed.");
        }
    }

    [LibraryImport("libcrypt.so.1", EntryPoint = "crypt", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Crypt(string key, string salt);
}
