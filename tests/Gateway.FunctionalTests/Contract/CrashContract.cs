using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary>A server that dies under an operation: an error at once, never a short success.</summary>
public sealed class CrashContract(ITestOutputHelper output) : ContractTest(output)
{
    private const long LargeSize = 256L * 1024 * 1024;

    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(10);

    private static readonly BackendError[] Lost = [BackendError.ConnectionLost];

    [Theory]
    [OnEveryServer]
    public async Task An_idle_connection_knows_that_its_server_died(string server)
    {
        var room = await EnterOwnAsync(server);
        await room.Server.Server.StopAsync();
        var reason = await room.Connection.Broken.WaitAsync(Promptly);
        Assert.Equal(BackendError.ConnectionLost, reason.Error);
        Assert.True(room.Connection.IsBroken);
        await FailsWithinAsync(Promptly, () => room.Connection.ProbeAsync(CancellationToken.None).AsTask(), Lost);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_server_killed_under_a_download_is_an_error_at_once(string server)
    {
        var room = await EnterOwnAsync(server);
        var path = room.PutSparse("file", LargeSize);
        await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        Assert.True(await stream.ReadAsync(new byte[1000], CancellationToken.None) > 0);
        await room.Server.Server.StopAsync();
        await FailsWithinAsync(Promptly, () => ContractRoom.ReadToEndAsync(stream), Lost);
        await room.Connection.Broken.WaitAsync(Promptly);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_server_killed_under_an_upload_leaves_nothing_under_the_final_name(string server)
    {
        var room = await EnterOwnAsync(server);
        await using (var stream = await room.Connection.OpenWriteAsync(room["file"], new WriteOptions(), CancellationToken.None))
        {
            await ContractRoom.WriteAsync(stream, Payload.Create(1_000_000));
            await room.Server.Server.StopAsync();
            await FailsWithinAsync(
                Promptly,
                async () =>
                {
                    await ContractRoom.WriteAsync(stream, Payload.Create(20_000_000));
                    await stream.CommitAsync(CancellationToken.None);
                },
                Lost);
        }

        Assert.False(room.Files.Exists(room["file"].Value));

        // What lies there under its temporary name is removed by the backend's next connection, also where its settings changed.
        await room.Server.Server.StartAgainAsync();
        var changed = room.Server.CreateConnector(settings => settings with { OperationTimeout = TimeSpan.FromSeconds(19) });
        await using var next = await changed.OpenAsync(CancellationToken.None);
        await next.ProbeAsync(CancellationToken.None);
        Assert.Empty(room.Files.List(room.Folder.Value));
    }

    [Theory]
    [OnEveryServer]
    public async Task What_a_broken_upload_left_is_removed_by_a_connection_that_is_open_already(string server)
    {
        var room = await EnterAsync(server);
        await using var other = await room.Connector.OpenAsync(CancellationToken.None);
        await using (var stream = await room.Connection.OpenWriteAsync(room["file"], new WriteOptions(), CancellationToken.None))
        {
            await ContractRoom.WriteAsync(stream, Payload.Create(100_000));
            room.Connection.Break(new BackendException(BackendError.ConnectionLost, "Cut by the test."));
        }

        using var patience = new CancellationTokenSource(Patience);
        while (room.Files.List(room.Folder.Value).Count > 0)
        {
            await other.ProbeAsync(patience.Token);
        }
    }

    [Theory]
    [OnEveryServer]
    public async Task A_server_killed_before_the_commit_commits_nothing(string server)
    {
        var room = await EnterOwnAsync(server);
        room.Put("file", "old"u8);
        await using var stream = await room.Connection.OpenWriteAsync(room["file"], new WriteOptions(), CancellationToken.None);
        await ContractRoom.WriteAsync(stream, Payload.Create(100_000));
        await room.Server.Server.StopAsync();
        await FailsWithinAsync(Promptly, () => stream.CommitAsync(CancellationToken.None).AsTask(), Lost);
        Assert.Equal("old"u8.ToArray(), room.Files.Read(room["file"].Value));
    }
}
