using Gateway.Broker.Backends;
using Gateway.Testing.Network;
using Gateway.Testing.Servers;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary>A network that cuts, corrupts, stalls or delays: never a short success, never a wrong byte.</summary>
public sealed class NetworkContract(ITestOutputHelper output) : ContractTest(output)
{
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private static readonly BackendError[] Lost = [BackendError.ConnectionLost];

    [Theory]
    [OnEveryServer("sftp")]
    public async Task A_connection_cut_at_any_byte_is_never_a_short_success(string server)
    {
        var shared = await GetSharedAsync(server);
        shared.Server.Files.Write("/cut", Payload.Create(2_000_000));
        await using var proxy = TcpProxy.Start(shared.Server.Port);
        proxy.ToClient.Cut = TcpProxyCut.Close;
        var connector = shared.CreateConnector(settings => settings with { Port = proxy.Port }, KnownByFingerprint(shared));
        foreach (var after in new[] { 500_000L, 1_234_567L, 1_999_000L })
        {
            proxy.ToClient.CutAfter = after;
            await using var connection = await connector.OpenAsync(CancellationToken.None);
            await FailsWithinAsync(
                Promptly, () => ContractRoom.DownloadAsync(connection, RemotePath.Parse("/cut")), Lost);
        }
    }

    [Theory]
    [OnEveryServer("ftps")]
    public async Task A_data_connection_cut_anywhere_is_never_a_short_success(string server)
    {
        var own = await StartOwnAsync(server);
        own.Server.Files.Write("/cut", Payload.Create(2_000_000));
        var ftp = (FtpServer)own.Server;
        await using var proxy = ftp.StartProxy();
        proxy.AppliesTo = port => port != ftp.Port;
        var connector = own.CreateConnector(settings => settings with { Host = "127.0.0.2" });
        foreach (var cut in Enum.GetValues<TcpProxyCut>())
        {
            foreach (var atRecord in new[] { true, false })
            {
                proxy.ToClient.Cut = cut;
                proxy.ToClient.CutAtTlsRecord = atRecord;
                proxy.ToClient.CutAfter = 1_000_000;
                await using var connection = await connector.OpenAsync(CancellationToken.None);
                await FailsWithinAsync(
                    Promptly,
                    () => ContractRoom.DownloadAsync(connection, RemotePath.Parse("/cut")),
                    BackendError.ConnectionLost, BackendError.ProtocolError);
            }
        }
    }

    [Theory]
    [OnEveryServer("ftps")]
    public async Task A_listing_cut_at_a_record_border_is_never_a_short_success(string server)
    {
        var own = await StartOwnAsync(server);
        for (var i = 0; i < 2_000; i++)
        {
            own.Server.Files.Write($"/many/entry-{i}", []);
        }

        var ftp = (FtpServer)own.Server;
        await using var proxy = ftp.StartProxy();
        proxy.AppliesTo = port => port != ftp.Port;
        proxy.ToClient.Cut = TcpProxyCut.Swallow;
        proxy.ToClient.CutAtTlsRecord = true;
        proxy.ToClient.CutAfter = 50_000;
        await using var connection = await own.CreateConnector(settings => settings with { Host = "127.0.0.2" }).OpenAsync(CancellationToken.None);
        await FailsWithinAsync(
            Promptly,
            () => connection.ListAsync(RemotePath.Parse("/many"), CancellationToken.None).CountAsync().AsTask(),
            BackendError.ConnectionLost, BackendError.ProtocolError);
    }

    [Theory]
    [OnEveryServer("ftps")]
    public async Task An_upload_cut_on_its_way_leaves_nothing_under_the_final_name(string server)
    {
        var own = await StartOwnAsync(server);
        var ftp = (FtpServer)own.Server;
        await using var proxy = ftp.StartProxy();
        proxy.AppliesTo = port => port != ftp.Port;
        var connector = own.CreateConnector(settings => Short(settings) with { Host = "127.0.0.2" });
        foreach (var cut in Enum.GetValues<TcpProxyCut>())
        {
            proxy.ToServer.Cut = cut;
            proxy.ToServer.CutAtTlsRecord = cut == TcpProxyCut.Swallow;
            proxy.ToServer.CutAfter = 1_000_000;
            await using var connection = await connector.OpenAsync(CancellationToken.None);
            await FailsWithinAsync(
                TimeSpan.FromSeconds(15),
                () => ContractRoom.UploadAsync(connection, RemotePath.Parse("/file"), Payload.Create(3_000_000)),
                BackendError.ConnectionLost, BackendError.ProtocolError, BackendError.Timeout);
            Assert.False(own.Server.Files.Exists("/file"));
        }
    }

    [Theory]
    [OnEveryServer]
    public async Task A_flipped_bit_on_the_line_is_never_delivered(string server)
    {
        var own = await StartOwnAsync(server);
        var content = Payload.Create(2_000_000);
        own.Server.Files.Write("/file", content);
        var seed = 0;
        foreach (var after in new[] { 100_000L, 700_000L, 1_500_000L })
        {
            await using var proxy = own.Server is FtpServer ftp ? ftp.StartProxy() : TcpProxy.Start(own.Server.Port);
            proxy.ToClient.CorruptAfter = after;
            proxy.ToClient.CorruptionSeed = ++seed;
            var connector = own.CreateConnector(
                settings => settings with { Host = proxy.EndPoint.Address.ToString(), Port = proxy.Port }, KnownByFingerprint(own));
            await using var connection = await connector.OpenAsync(CancellationToken.None);
            await FailsWithinAsync(
                Promptly,
                () => ContractRoom.DownloadAsync(connection, RemotePath.Parse("/file")),
                BackendError.ConnectionLost, BackendError.ProtocolError);
        }
    }

    [Theory]
    [OnEveryServer]
    public async Task A_line_that_goes_dead_under_a_download_is_a_timeout_in_time(string server)
    {
        var own = await StartOwnAsync(server);
        own.Server.Files.Write("/file", Payload.Create(30_000_000));
        await using var proxy = own.Server is FtpServer ftp ? ftp.StartProxy() : TcpProxy.Start(own.Server.Port);
        var connector = own.CreateConnector(
            settings => settings with { Host = proxy.EndPoint.Address.ToString(), Port = proxy.Port, StallTimeout = Limit }, KnownByFingerprint(own));
        await using var connection = await connector.OpenAsync(CancellationToken.None);
        await using var stream = await connection.OpenReadAsync(RemotePath.Parse("/file"), CancellationToken.None);
        Assert.True(await stream.ReadAsync(new byte[1000], CancellationToken.None) > 0);
        proxy.ToClient.Freeze();
        proxy.ToServer.Freeze();
        await FailsWithinAsync(Limit + Promptly, () => ContractRoom.ReadToEndAsync(stream, 1000), BackendError.Timeout);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_long_line_is_only_slow(string server)
    {
        var own = await StartOwnAsync(server);
        var content = Payload.Create(300_000);
        await using var proxy = own.Server is FtpServer ftp ? ftp.StartProxy() : TcpProxy.Start(own.Server.Port);
        proxy.ToClient.Delay = proxy.ToServer.Delay = TimeSpan.FromMilliseconds(50);
        var connector = own.CreateConnector(
            settings => settings with { Host = proxy.EndPoint.Address.ToString(), Port = proxy.Port }, KnownByFingerprint(own));
        await using var connection = await connector.OpenAsync(CancellationToken.None);
        await ContractRoom.UploadAsync(connection, RemotePath.Parse("/file"), content);
        Payload.AssertSame(content.AsMemory(), await ContractRoom.DownloadAsync(connection, RemotePath.Parse("/file")));
        Assert.Single(await connection.ListAsync(RemotePath.Root, CancellationToken.None).ToListAsync());
    }

    private static BackendSettings Short(BackendSettings settings) => settings with { OperationTimeout = Limit, StallTimeout = Limit };

    /// <summary>Behind a proxy a server has another port than in a known_hosts file.</summary>
    private static Dictionary<string, string?> KnownByFingerprint(ContractServer server)
    {
        var options = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (server.Server is SshServer ssh)
        {
            options["KnownHostsFile"] = null;
            for (var i = 0; i < ssh.HostKeyFingerprints.Count; i++)
            {
                options[$"HostKeyFingerprints:{i}"] = ssh.HostKeyFingerprints[i];
            }
        }

        return options;
    }
}
