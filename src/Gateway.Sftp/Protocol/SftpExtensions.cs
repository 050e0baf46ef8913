using System.Text;

namespace Gateway.Sftp.Protocol;

/// <summary>The extensions a server announced with VERSION (OpenSSH PROTOCOL, section 4).</summary>
internal sealed class SftpExtensions
{
    private const int MaxCount = 256;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public bool PosixRename => _names.Contains("posix-rename@openssh.com");

    public bool Fsync => _names.Contains("fsync@openssh.com");

    public bool Limits => _names.Contains("limits@openssh.com");

    public bool StatVfs => _names.Contains("statvfs@openssh.com");

    public bool CopyData => _names.Contains("copy-data");

    /// <summary>Whether REALPATH certainly resolves links: OpenSSH does, which alone has this extension; others may only tidy the text up.</summary>
    public bool ResolvesLinks => _names.Contains("lsetstat@openssh.com");

    /// <summary>Reads the name/data pairs that follow the version number.</summary>
    public static SftpExtensions Read(ref SftpPacketReader reader)
    {
        var extensions = new SftpExtensions();
        while (reader.Remaining > 0 && extensions._names.Count < MaxCount)
        {
            extensions._names.Add(Encoding.UTF8.GetString(reader.ReadString()));
            reader.ReadString();
        }

        return extensions;
    }
}
