using Gateway.Testing;

namespace Gateway.FunctionalTests.Faults;

/// <summary>Lets an account have two sessions on an sshd: each holds a lock; the third is told what such servers tell, and sent away.</summary>
internal sealed class SessionLimit : IDisposable
{
    private readonly TempFolder _folder = new();

    public SessionLimit()
    {
        var locks = _folder.CreateFolder("locks");
        File.SetUnixFileMode(locks, (UnixFileMode)0b111_111_111);
        Script = _folder.Write("limit.sh", $"""
            #!/bin/sh
            exec 8>{locks}/one
            flock -n 8 && exec /usr/lib/openssh/sftp-server
            exec 8>{locks}/two
            flock -n 8 && exec /usr/lib/openssh/sftp-server
            echo 'Too many logins for this account.' >&2
            exit 1

            """);
        File.SetUnixFileMode(Script, (UnixFileMode)0b111_101_101);
    }

    /// <summary>For sshd's <c>ForceCommand</c>.</summary>
    public string Script { get; }

    public void Dispose() => _folder.Dispose();
}
