using Gateway.Sftp.Transport;
using Gateway.Testing;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

public sealed class HostKeyTests : IAsyncLifetime
{
    private const string Stranger = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private readonly TempFolder _folder = new();
    private readonly List<string> _extraLines = [];
    private SshServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await SshServer.StartAsync(new SshServerOptions { HostKeyTypes = ["ed25519", "ecdsa", "rsa"], ExtraLines = _extraLines });

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public async Task Whichever_of_the_servers_keys_is_pinned_is_found_once_and_then_remembered(int pinned, int firstConnections)
    {
        await using var proxy = TcpProxy.Start(_server.Port);
        var command = SshCommands.ByKey(_server) with { Port = proxy.Port, HostKeyFingerprints = SshCommands.Pins(_server.HostKeyFingerprints[pinned]) };
        var login = new SshLogin(TimeProvider.System);

        await (await login.OpenAsync(command, CancellationToken.None)).DisposeAsync();
        Assert.Equal(firstConnections, proxy.AcceptedConnections);

        await (await login.OpenAsync(command, CancellationToken.None)).DisposeAsync();
        Assert.Equal(firstConnections + 1, proxy.AcceptedConnections);
    }

    [Fact]
    public async Task One_of_several_pins_suffices() =>
        await SshCommands.SucceedAsync(WithPins(Stranger, _server.HostKeyFingerprints[0]));

    [Fact]
    public async Task A_server_without_a_pinned_key_is_refused_and_its_keys_are_named()
    {
        var failure = await SshCommands.FailAsync(WithPins(Stranger));

        Assert.Equal(SshFailureKind.HostKeyUnknown, failure.Kind);
        Assert.All(_server.HostKeyFingerprints, shown => Assert.Contains(shown, failure.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("Accepted publickey", _server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_a_pinned_key_is_asked_for_all_its_keys_only_once()
    {
        await using var proxy = TcpProxy.Start(_server.Port);
        var command = WithPins(Stranger) with { Port = proxy.Port };
        var login = new SshLogin(TimeProvider.System);
        var first = await Assert.ThrowsAsync<SshException>(() => login.OpenAsync(command, CancellationToken.None));
        Assert.Equal(4, proxy.AcceptedConnections);

        var second = await Assert.ThrowsAsync<SshException>(() => login.OpenAsync(command, CancellationToken.None));

        Assert.Equal(5, proxy.AcceptedConnections);
        Assert.Equal(first.Message, second.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_known_hosts_file_is_read_plain_and_hashed(bool hashed)
    {
        var file = Write(_server.KnownHosts);
        if (hashed)
        {
            await Command.RunAsync("ssh-keygen", ["-q", "-H", "-f", file]);
            Assert.DoesNotContain(_server.Host, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }

        await SshCommands.SucceedAsync(WithFile(file));
    }

    [Fact]
    public async Task A_known_hosts_file_with_only_the_last_key_needs_no_second_attempt()
    {
        await using var proxy = TcpProxy.Start(_server.Port);
        var file = Write($"[127.0.0.1]:{proxy.Port} {_server.HostKeys[2].PublicKey}\n");

        await SshCommands.SucceedAsync(WithFile(file) with { Port = proxy.Port });

        Assert.Equal(1, proxy.AcceptedConnections);
    }

    [Fact]
    public async Task A_server_that_the_file_does_not_list_is_refused()
    {
        var failure = await SshCommands.FailAsync(WithFile(Write("elsewhere " + _server.HostKeys[0].PublicKey + "\n")));

        Assert.Equal(SshFailureKind.HostKeyUnknown, failure.Kind);
        Assert.Contains(_server.HostKeyFingerprints[0], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_has_changed_is_an_alarm_and_no_other_key_of_the_server_is_tried()
    {
        var other = await SshKeyPair.CreateAsync(_folder["other"]);
        await using var proxy = TcpProxy.Start(_server.Port);
        var file = Write($"[127.0.0.1]:{proxy.Port} {other.PublicKey}\n");

        var failure = await SshCommands.FailAsync(WithFile(file) with { Port = proxy.Port, HostKeyFingerprints = SshCommands.Pins(Stranger) });

        Assert.Equal(SshFailureKind.HostKeyChanged, failure.Kind);
        Assert.Equal(1, proxy.AcceptedConnections);
    }

    [Fact]
    public async Task A_pin_and_the_file_are_alternatives()
    {
        var elsewhere = Write("elsewhere " + _server.HostKeys[0].PublicKey + "\n");

        await SshCommands.SucceedAsync(WithFile(elsewhere) with { HostKeyFingerprints = SshCommands.Pins(_server.HostKeyFingerprints[0]) });
        await SshCommands.SucceedAsync(WithFile(Write(_server.KnownHosts)) with { HostKeyFingerprints = SshCommands.Pins(Stranger) });
    }

    [Fact]
    public async Task A_revoked_key_is_refused_even_where_it_is_pinned()
    {
        var file = Write(_server.KnownHosts + string.Concat(_server.HostKeys.Select(key => $"@revoked * {key.PublicKey}\n")));

        var failure = await SshCommands.FailAsync(
            WithFile(file) with { HostKeyFingerprints = SshCommands.Pins(_server.HostKeyFingerprints) });

        Assert.Equal(SshFailureKind.HostKeyRevoked, failure.Kind);
    }

    [Fact]
    public async Task A_key_certified_by_a_known_authority_is_accepted()
    {
        var authority = await CertifyHostKeyAsync();

        await SshCommands.SucceedAsync(WithFile(Write($"@cert-authority 127.0.0.1,[127.0.0.1]:* {authority.PublicKey}\n")));
    }

    [Fact]
    public async Task A_pinned_key_is_accepted_where_the_server_would_rather_show_a_certificate()
    {
        await CertifyHostKeyAsync();

        await SshCommands.SucceedAsync(WithPins(_server.HostKeyFingerprints[0]));
        await SshCommands.SucceedAsync(
            WithFile(Write("elsewhere " + _server.HostKeys[0].PublicKey + "\n")) with { HostKeyFingerprints = SshCommands.Pins(_server.HostKeyFingerprints[0]) });
    }

    [Fact]
    public async Task A_server_with_new_keys_is_recognised_again_by_the_pin_of_another_type()
    {
        var login = new SshLogin(TimeProvider.System);
        await using var other = await SshServer.StartAsync(new SshServerOptions { HostKeyTypes = ["ed25519"] });
        await using var toFirst = TcpProxy.Start(_server.Port);
        var command = SshCommands.ByKey(_server) with
        {
            HostKeyFingerprints = SshCommands.Pins(_server.HostKeyFingerprints[2], other.HostKeyFingerprints[0]),
        };
        await (await login.OpenAsync(command, CancellationToken.None)).DisposeAsync();

        // What was remembered excludes the type that the server now has alone.
        var moved = command with { Port = other.Port, PrivateKeyFile = other.UserKey.PrivateKeyFile };
        await (await login.OpenAsync(moved, CancellationToken.None)).DisposeAsync();
    }

    private async Task<SshKeyPair> CertifyHostKeyAsync()
    {
        var authority = await SshKeyPair.CreateAsync(_folder["authority"]);
        var key = _server.HostKeys[0].PrivateKeyFile;
        await Command.RunAsync("ssh-keygen", ["-q", "-s", authority.PrivateKeyFile, "-h", "-I", "host", "-n", "127.0.0.1", key + ".pub"]);
        _extraLines.Add($"HostCertificate {key}-cert.pub");
        await _server.RestartAsync();
        return authority;
    }

    private SshCommand WithPins(params string[] pins) => SshCommands.ByKey(_server) with { HostKeyFingerprints = SshCommands.Pins(pins) };

    private SshCommand WithFile(string file) => SshCommands.ByKey(_server) with { KnownHostsFile = file, HostKeyFingerprints = [] };

    private string Write(string content) => _folder.Write($"known_hosts_{Random.Shared.Next():x8}", content);
}
