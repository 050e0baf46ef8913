using System.Globalization;
using System.Net.Sockets;
using Gateway.Sftp.Transport;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

/// <summary>Logins to the servers of the tests.</summary>
internal static class SshCommands
{
    /// <summary>By key, with every host key of the server pinned.</summary>
    public static SshCommand ByKey(SshServer server) => Bare(server) with { PrivateKeyFile = server.UserKey.PrivateKeyFile };

    /// <summary>By password, with every host key of the server pinned.</summary>
    public static SshCommand ByPassword(SshServer server) => Bare(server) with { Password = server.Password };

    /// <summary>Fingerprints as configured.</summary>
    public static HostKeyFingerprint[] Pins(params IEnumerable<string> texts) => [.. texts.Select(text =>
        HostKeyFingerprint.TryParse(text, out var pin, out var reason) ? pin : throw new ArgumentException(reason, nameof(texts)))];

    /// <summary>Logs in once, and expects that to fail.</summary>
    public static async Task<SshFailure> FailAsync(SshCommand command)
    {
        var failed = await Assert.ThrowsAsync<SshException>(async () =>
        {
            await using var process = await new SshLogin(TimeProvider.System).OpenAsync(command, CancellationToken.None);
        });
        return failed.Failure;
    }

    /// <summary>Logs in and exchanges the first packets of SFTP.</summary>
    public static async Task SucceedAsync(SshCommand command)
    {
        await using var process = await new SshLogin(TimeProvider.System).OpenAsync(command, CancellationToken.None);
        await GreetAsync(process);
    }

    /// <summary>Sends INIT and expects VERSION.</summary>
    public static async Task GreetAsync(SshProcess process)
    {
        await process.Socket.SendAsync(new byte[] { 0, 0, 0, 5, 1, 0, 0, 0, 3 });
        var reply = new byte[5];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var got = 0; got < reply.Length;)
        {
            var count = await process.Socket.ReceiveAsync(reply.AsMemory(got), SocketFlags.None, deadline.Token);
            Assert.NotEqual(0, count);
            got += count;
        }

        Assert.Equal(2, reply[4]);
        process.IsSftpRunning = true;
    }

    /// <summary>The ssh processes, of this process or another, that have a port among their arguments.</summary>
    public static IReadOnlyList<int> ProcessesFor(int port, int? parent = null) =>
    [
        .. ProcessTree.GetDescendants(parent ?? Environment.ProcessId)
            .Where(id => ProcessTree.GetCommandLine(id).Contains(port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)),
    ];

    private static SshCommand Bare(SshServer server) => new()
    {
        Host = server.Host, Port = server.Port, Username = server.Username, HostKeyFingerprints = Pins(server.HostKeyFingerprints),
    };
}
