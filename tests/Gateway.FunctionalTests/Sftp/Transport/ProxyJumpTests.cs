using Gateway.Sftp.Transport;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

public sealed class ProxyJumpTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private SshServer _gate = null!;
    private SshServer _inner = null!;

    public async Task InitializeAsync()
    {
        _gate = await SshServer.StartAsync();
        _inner = await SshServer.StartAsync(new SshServerOptions { HostKeyTypes = ["ed25519", "rsa"] });
        _gate.Authorize(_inner.UserKey.PublicKey);
    }

    public async Task DisposeAsync()
    {
        await _inner.DisposeAsync();
        await _gate.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public Task A_server_behind_a_jump_host_is_reached_with_the_same_key() => SshCommands.SucceedAsync(ThroughGate());

    [Fact]
    public Task A_server_behind_a_jump_host_is_reached_with_the_same_password() =>
        SshCommands.SucceedAsync(ThroughGate() with { PrivateKeyFile = null, Password = _inner.Password });

    [Fact]
    public Task Two_jump_hosts_are_passed_in_order() =>
        SshCommands.SucceedAsync(ThroughGate() with { Jumps = [ToGate(), ToGate() with { Host = "localhost" }] });

    [Fact]
    public async Task A_passphrase_serves_on_every_server_of_the_chain_and_odd_paths_survive_every_shell()
    {
        var odd = _folder.CreateFolder("a \"b\" 'c' %h $HOME \\ #d;e");
        var key = await SshKeyPair.CreateAsync(Path.Combine(odd, "key"), passphrase: "open sesame");
        _gate.Authorize(key.PublicKey);
        _inner.Authorize(key.PublicKey);
        var knownHosts = Path.Combine(odd, "known hosts");
        await File.WriteAllTextAsync(knownHosts, _gate.KnownHosts + _inner.KnownHosts);

        await SshCommands.SucceedAsync(ThroughGate() with
        {
            PrivateKeyFile = key.PrivateKeyFile, Passphrase = "open sesame", KnownHostsFile = knownHosts, HostKeyFingerprints = [],
            Jumps = [ToGate(), ToGate()],
        });
    }

    [Fact]
    public Task The_pinned_key_of_the_server_is_found_behind_a_jump_host_too() =>
        SshCommands.SucceedAsync(ThroughGate() with { HostKeyFingerprints = SshCommands.Pins(_gate.HostKeyFingerprints[0], _inner.HostKeyFingerprints[1]) });

    [Fact]
    public async Task The_jump_host_s_key_is_checked_as_strictly_as_the_server_s()
    {
        var failure = await SshCommands.FailAsync(ThroughGate() with { HostKeyFingerprints = SshCommands.Pins(_inner.HostKeyFingerprints) });

        Assert.Equal(SshFailureKind.HostKeyUnknown, failure.Kind);
        Assert.StartsWith("The jump host 127.0.0.1's host key", failure.Message, StringComparison.Ordinal);
        Assert.Contains(_gate.HostKeyFingerprints[0], failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Accepted", _gate.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_s_key_is_checked_behind_a_trusted_jump_host()
    {
        var failure = await SshCommands.FailAsync(ThroughGate() with { HostKeyFingerprints = SshCommands.Pins(_gate.HostKeyFingerprints) });

        Assert.Equal(SshFailureKind.HostKeyUnknown, failure.Kind);
        Assert.StartsWith("The server's host key", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Accepted", _inner.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jump_host_that_refuses_the_account_is_named()
    {
        var failure = await SshCommands.FailAsync(ThroughGate() with { Jumps = [ToGate() with { Username = "nobody" }] });

        Assert.Equal(SshFailureKind.AuthenticationRefused, failure.Kind);
        Assert.StartsWith("The jump host 127.0.0.1 refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jump_host_that_is_not_there_is_named()
    {
        await _gate.StopAsync();

        var failure = await SshCommands.FailAsync(ThroughGate());

        Assert.Equal(SshFailureKind.ConnectionRefused, failure.Kind);
        Assert.StartsWith("The jump host 127.0.0.1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_the_jump_host_cannot_reach_is_told_from_that()
    {
        await _inner.StopAsync();

        Assert.Equal(SshFailureKind.JumpRefused, (await SshCommands.FailAsync(ThroughGate())).Kind);
    }

    [Fact]
    public async Task A_jump_host_that_forwards_nothing_is_told_from_that()
    {
        await using var closed = await SshServer.StartAsync(new SshServerOptions { ExtraLines = ["AllowTcpForwarding no"] });
        closed.Authorize(_inner.UserKey.PublicKey);
        var command = ThroughGate() with
        {
            Jumps = [new JumpHost(null, closed.Host, closed.Port)],
            HostKeyFingerprints = SshCommands.Pins([.. closed.HostKeyFingerprints, .. _inner.HostKeyFingerprints]),
        };

        Assert.Equal(SshFailureKind.JumpRefused, (await SshCommands.FailAsync(command)).Kind);
    }

    [Fact]
    public async Task Closing_the_connection_ends_the_whole_chain()
    {
        var process = await new SshLogin(TimeProvider.System).OpenAsync(ThroughGate(), CancellationToken.None);
        var chain = SshCommands.ProcessesFor(_inner.Port);
        Assert.True(chain.Count >= 2, "ssh and its ProxyCommand");

        await process.DisposeAsync();

        await Eventually.HoldsAsync(() => chain.All(ProcessTree.IsGone));
    }

    private SshCommand ThroughGate() => SshCommands.ByKey(_inner) with
    {
        Jumps = [ToGate()], HostKeyFingerprints = SshCommands.Pins([.. _gate.HostKeyFingerprints, .. _inner.HostKeyFingerprints]),
    };

    private JumpHost ToGate() => new(null, _gate.Host, _gate.Port);
}
