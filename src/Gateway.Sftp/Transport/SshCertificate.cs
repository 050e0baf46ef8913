using System.Buffers.Binary;
using System.Text;

namespace Gateway.Sftp.Transport;

/// <summary>The parts of an OpenSSH user certificate that decide whether it can serve (PROTOCOL.certkeys).</summary>
internal sealed class SshCertificate
{
    private const string Suffix = "-cert-v01@openssh.com";
    private const uint UserCertificate = 1;

    private SshCertificate(byte[] publicKey, bool isForUsers, ulong validAfter, ulong validBefore)
    {
        PublicKey = publicKey;
        IsForUsers = isForUsers;
        ValidAfter = ToTime(validAfter);
        ValidBefore = ToTime(validBefore);
    }

    /// <summary>The key it certifies, in wire form.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Whether it is for users; else it is a host's.</summary>
    public bool IsForUsers { get; }

    /// <summary>It is valid from here on.</summary>
    public DateTimeOffset ValidAfter { get; }

    /// <summary>It is valid until before this.</summary>
    public DateTimeOffset ValidBefore { get; }

    /// <summary>Reads a line <c>type base64 comment</c>; null where it is no certificate.</summary>
    public static SshCertificate? TryParse(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || !words[0].EndsWith(Suffix, StringComparison.Ordinal))
        {
            return null;
        }

        var blob = new byte[words[1].Length];
        if (!Convert.TryFromBase64String(words[1], blob, out var length))
        {
            return null;
        }

        try
        {
            return Parse(blob.AsSpan(0, length), words[0][..^Suffix.Length]);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Certificate: type, nonce, the key's own fields, serial, kind, id, principals, valid after, valid before, …</summary>
    private static SshCertificate? Parse(ReadOnlySpan<byte> blob, string keyType)
    {
        // sk-ssh-ed25519-cert-v01@openssh.com certifies a key of type sk-ssh-ed25519@openssh.com.
        var plainType = keyType.StartsWith("sk-", StringComparison.Ordinal) ? keyType + "@openssh.com" : keyType;
        var fieldCount = keyType switch
        {
            "ssh-ed25519" => 1,
            "ssh-rsa" or "sk-ssh-ed25519" => 2,
            "sk-ecdsa-sha2-nistp256" => 3,
            _ when keyType.StartsWith("ecdsa-sha2-", StringComparison.Ordinal) => 2,
            _ => 0,
        };
        if (fieldCount == 0)
        {
            return null;
        }

        TakeString(ref blob);
        TakeString(ref blob);
        var fields = blob;
        for (var i = 0; i < fieldCount; i++)
        {
            TakeString(ref blob);
        }

        fields = fields[..^blob.Length];
        blob = blob[sizeof(ulong)..];
        var kind = BinaryPrimitives.ReadUInt32BigEndian(blob);
        blob = blob[sizeof(uint)..];
        TakeString(ref blob);
        TakeString(ref blob);
        var after = BinaryPrimitives.ReadUInt64BigEndian(blob);
        var before = BinaryPrimitives.ReadUInt64BigEndian(blob[sizeof(ulong)..]);
        return new SshCertificate(MakeKey(plainType, fields), kind == UserCertificate, after, before);
    }

    private static byte[] MakeKey(string type, ReadOnlySpan<byte> fields)
    {
        var key = new byte[sizeof(uint) + type.Length + fields.Length];
        BinaryPrimitives.WriteUInt32BigEndian(key, (uint)type.Length);
        Encoding.ASCII.GetBytes(type, key.AsSpan(sizeof(uint)));
        fields.CopyTo(key.AsSpan(sizeof(uint) + type.Length));
        return key;
    }

    private static void TakeString(ref ReadOnlySpan<byte> blob)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(blob);
        blob = blob[sizeof(uint)..];
        if (length > blob.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(blob), "A string is longer than the certificate.");
        }

        blob = blob[(int)length..];
    }

    private static DateTimeOffset ToTime(ulong seconds) =>
        seconds >= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeSeconds((long)seconds);
}
