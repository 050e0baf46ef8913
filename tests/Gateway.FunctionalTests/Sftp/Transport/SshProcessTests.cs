using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Gateway.Sftp.Transport;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

public sealed class SshProcessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_byte_of_a_password_arrives()
    {
        // All that a terminal could take for an editing key or a signal, all that a shell could, and letters of two and four bytes.
        var password = new string([.. Enumerable.Range(1, 126).Select(code => (char)code).Where(c => c is not ('\n' or '\r'))]) + "ü😀";
        var command = FakeSsh.Create(_folder, """ask "alice@fake's password: "; printf '%s' "$answer" """) with { Password = password };

        await using var process = SshProcess.Start(command, TimeProvider.System);

        Assert.Equal(password, await ReadAllAsync(process.Socket));
    }

    [Fact]
    public async Task A_question_that_is_not_for_the_password_ends_the_login_at_once()
    {
        var command = FakeSsh.Create(_folder, "ask '(alice@fake) Enter PIN for authenticator: '; printf '%s' \"$answer\"");
        await using var process = SshProcess.Start(command, TimeProvider.System);

        var failed = await Assert.ThrowsAsync<SshException>(() => process.WaitForLoginAsync(CancellationToken.None));

        Assert.Equal(SshFailureKind.UnexpectedQuestion, failed.Failure.Kind);
        Assert.Equal("", await ReadAllAsync(process.Socket));
    }

    [Fact]
    public async Task A_password_is_typed_once_and_not_again()
    {
        var command = FakeSsh.Create(_folder, """ask "alice@fake's password: "; printf '1'; ask '(alice@fake) Password: '; printf '2' """);
        await using var process = SshProcess.Start(command, TimeProvider.System);

        Assert.Equal("1", await ReadAllAsync(process.Socket));
        Assert.Equal(SshFailureKind.AuthenticationRefused, (await process.DiagnoseAsync()).Kind);
    }

    [Fact]
    public async Task No_secret_shows_in_the_arguments_or_the_environment_of_the_child()
    {
        var command = FakeSsh.Create(_folder, "login; cat") with { Password = "hunter2-secret", Passphrase = "sesame-secret" };
        await using var process = SshProcess.Start(command, TimeProvider.System);
        await process.WaitForLoginAsync(CancellationToken.None);

        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{process.ProcessId}/");
        Assert.DoesNotContain("-secret", await File.ReadAllTextAsync(folder + "cmdline"), StringComparison.Ordinal);
        var environment = (await File.ReadAllTextAsync(folder + "environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["HOME", "LC_ALL", "PATH", "SSH_ASKPASS_REQUIRE"], environment.Select(line => line.Split('=')[0]).Where(name => name is not ("PWD" or "OLDPWD" or "SHLVL" or "_")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_child_inherits_none_of_our_sockets_and_no_ignored_signal()
    {
        await using var neighbour = SshProcess.Start(FakeSsh.Create(_folder, "exec cat"), TimeProvider.System);
        var command = FakeSsh.Create(_folder, "exec 3>&-; ls -l /proc/self/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status");

        await using var process = SshProcess.Start(command, TimeProvider.System);

        // Its own 0, 1 and 2; what else it has comes from whoever started the tests.
        var said = await ReadAllAsync(process.Socket);
        Assert.Equal(3, said.Split("socket:[").Length - 1);
        Assert.DoesNotContain("ptmx", said, StringComparison.Ordinal);
        Assert.Matches("SigBlk:\\s+0+\nSigIgn:\\s+0+\n", said);
    }

    [Fact]
    public async Task A_child_that_ignores_SIGTERM_is_killed_with_its_own_children()
    {
        var command = FakeSsh.Create(_folder, "trap '' TERM HUP; login; sleep 1000 & sleep 1000");
        var process = SshProcess.Start(command, TimeProvider.System);
        await process.WaitForLoginAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => ProcessTree.GetDescendants(process.ProcessId).Count == 2);
        var family = ProcessTree.GetDescendants(process.ProcessId);
        var watch = Stopwatch.StartNew();

        await process.DisposeAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        Assert.Equal(9, (await process.Exited).Signal);
        Assert.Null(ProcessTree.GetStartTime(process.ProcessId));
        await Eventually.HoldsAsync(() => family.All(ProcessTree.IsGone));
    }

    [Fact]
    public async Task A_child_that_dies_leaves_none_of_its_own_children()
    {
        var command = FakeSsh.Create(_folder, "trap '' HUP; sleep 1000 & login; exec sleep 1000");
        await using var process = SshProcess.Start(command, TimeProvider.System);
        await process.WaitForLoginAsync(CancellationToken.None);
        var family = ProcessTree.GetDescendants(process.ProcessId);
        Assert.NotEmpty(family);

        ProcessTree.Signal(process.ProcessId, 9);

        Assert.Equal(SshFailureKind.Killed, (await process.DiagnoseAsync()).Kind);
        await Eventually.HoldsAsync(() => family.All(ProcessTree.IsGone));
    }

    [Fact]
    public async Task A_child_that_floods_its_log_is_read_on_and_kept_short()
    {
        var command = FakeSsh.Create(_folder, "log first; i=0; while [ $i -lt 20000 ]; do log \"line $i of nothing\"; i=$((i+1)); done; log last; exit 7");

        await using var process = SshProcess.Start(command, TimeProvider.System);
        var exit = await process.Exited.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(7, exit.Code);
        Assert.StartsWith("first\n", exit.Log, StringComparison.Ordinal);
        Assert.EndsWith("last\n", exit.Log, StringComparison.Ordinal);
        Assert.InRange(exit.Log.Length, 1, 17 * 1024);
    }

    [Fact]
    public async Task The_exit_of_a_child_that_ends_at_once_is_not_missed()
    {
        var command = FakeSsh.Create(_folder, "exit 3");
        for (var i = 0; i < 50; i++)
        {
            await using var process = SshProcess.Start(command, TimeProvider.System);
            Assert.Equal(3, (await process.Exited.WaitAsync(TimeSpan.FromSeconds(10))).Code);
        }
    }

    [Fact]
    public async Task Children_of_others_are_left_to_them()
    {
        var command = FakeSsh.Create(_folder, "exit 0");
        for (var i = 0; i < 20; i++)
        {
            using var other = Process.Start("/bin/sh", ["-c", "exit 42"]);
            await using var process = SshProcess.Start(command, TimeProvider.System);
            await process.Exited.WaitAsync(TimeSpan.FromSeconds(10));
            await other.WaitForExitAsync();
            Assert.Equal(42, other.ExitCode);
        }
    }

    [Fact]
    public void A_missing_program_is_named()
    {
        var command = new SshCommand { Program = _folder["nothing"], Host = "fake", Username = "alice" };

        var failed = Assert.Throws<SshException>(() => SshProcess.Start(command, TimeProvider.System));

        Assert.Equal(SshFailureKind.ClientMissing, failed.Failure.Kind);
    }

    private static async Task<string> ReadAllAsync(Socket socket)
    {
        var text = new MemoryStream();
        var buffer = new byte[1024];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        int count;
        while ((count = await socket.ReceiveAsync(buffer, SocketFlags.None, deadline.Token)) > 0)
        {
            text.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }
}
