using System.Diagnostics;
using System.Globalization;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

/// <summary>ssh must not outlive a gateway that is killed: SIGKILL leaves it no time to clean up.</summary>
public sealed class GatewayDeathTests : IAsyncLifetime
{
    private SshServer _server = null!;

    public async Task InitializeAsync() => _server = await SshServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public Task A_connection_ends_with_the_gateway() => DieAsync(_server.Port, jump: null, expectedProcesses: 2);

    [Fact]
    public async Task A_connection_to_a_server_that_is_frozen_ends_with_the_gateway()
    {
        await DieAsync(_server.Port, jump: null, expectedProcesses: 2, beforeDeath: _server.Pause);
        _server.Resume();
    }

    [Fact]
    public async Task A_login_that_waits_for_a_greeting_ends_with_the_gateway()
    {
        await using var silent = new TalkingListener("", closes: false);
        await DieAsync(silent.Port, jump: null, expectedProcesses: 1);
    }

    [Fact]
    public async Task A_login_that_waits_behind_a_jump_host_ends_with_the_gateway_and_so_does_its_ProxyCommand()
    {
        await using var silent = new TalkingListener("", closes: false);
        await DieAsync(silent.Port, jump: _server, expectedProcesses: 2);
    }

    [Fact]
    public async Task A_login_that_waits_for_a_jump_host_ends_with_the_gateway_and_so_does_its_ProxyCommand()
    {
        _server.Pause();
        await DieAsync(targetPort: 9, jump: _server, expectedProcesses: 2, marker: _server.Port);
        _server.Resume();
    }

    private async Task DieAsync(int targetPort, SshServer? jump, int expectedProcesses, Action? beforeDeath = null, int? marker = null)
    {
        var port = marker ?? targetPort;
        await using var gateway = await GatewayProcess.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Gateway__Identity__Anonymous"] = "true",
            ["Gateway__Backends__files__Protocol"] = "sftp",
            ["Gateway__Backends__files__Host"] = "127.0.0.1",
            ["Gateway__Backends__files__Port"] = targetPort.ToString(CultureInfo.InvariantCulture),
            ["Gateway__Backends__files__Username"] = _server.Username,
            ["Gateway__Backends__files__Sftp__PrivateKeyFile"] = _server.UserKey.PrivateKeyFile,
            ["Gateway__Backends__files__Sftp__HostKeyFingerprints__0"] = _server.HostKeyFingerprints[0],
            ["Gateway__Backends__files__Sftp__ProxyJump"] = jump is null ? null : $"{jump.Host}:{jump.Port.ToString(CultureInfo.InvariantCulture)}",
            ["Gateway__Backends__files__Pool__MinConnections"] = "2",
            ["Gateway__Backends__files__Pool__ConnectTimeout"] = "00:02:00",
            ["Gateway__Backends__files__Sftp__BannerTimeout"] = "00:02:00",
        });
        await Eventually.HoldsAsync(() => SshCommands.ProcessesFor(port, gateway.Id).Count >= expectedProcesses);
        var children = SshCommands.ProcessesFor(port, gateway.Id);
        beforeDeath?.Invoke();

        using (var process = Process.GetProcessById(gateway.Id))
        {
            process.Kill(entireProcessTree: false);
        }

        await Eventually.HoldsAsync(() => children.All(ProcessTree.IsGone));
    }
}
