using Gateway.Sftp.Transport;
using Gateway.Testing;

namespace Gateway.FunctionalTests.Sftp.Transport;

/// <summary>A shell script in ssh's place: for questions and deaths that no server can be made to cause.</summary>
internal static class FakeSsh
{
    /// <summary>Functions for the script: <c>ask QUESTION</c> asks as ssh does, the answer is in <c>$answer</c>.</summary>
    private const string Prelude = """
        #!/bin/sh
        log() { printf '%s\r\n' "$1" >&2; }
        login() {
            log 'debug1: Connection established.'
            log 'debug1: Remote protocol version 2.0, remote software version Fake'
            log 'debug1: SSH2_MSG_NEWKEYS received'
            log 'Authenticated to fake ([127.0.0.1]:22) using "publickey".'
        }
        ask() {
            stty -echo < /dev/tty
            printf '%s' "$1" > /dev/tty
            IFS= read -r answer < /dev/tty
            stty echo < /dev/tty
            printf '\n' > /dev/tty
        }

        """;

    /// <summary>A command that runs the script.</summary>
    public static SshCommand Create(TempFolder folder, string script)
    {
        var path = folder.Write("ssh", Prelude + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new SshCommand { Program = path, Host = "fake", Username = "alice", Password = "hunter2" };
    }
}
