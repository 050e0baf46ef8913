using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary>Many operations at once: on one connection where it is shareable, else over as many connections.</summary>
public sealed class ParallelContract(ITestOutputHelper output) : ContractTest(output)
{
    private const int Callers = 8;
    private const int Rounds = 10;

    [Theory]
    [OnEveryServer]
    public async Task Eight_callers_transfer_at_once_and_mix_nothing_up(string server)
    {
        var room = await EnterAsync(server);
        var connections = await OpenAsync(room);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var content = Payload.Create(1 + (caller * 40_000) + (round * 997), seed: (caller * 100) + round);
                var path = room[$"file-{caller}-{round % 2}"];
                await ContractRoom.UploadAsync(connections[caller], path, content);
                Payload.AssertSame(content.AsMemory(), await ContractRoom.DownloadAsync(connections[caller], path), $"{caller}/{round}");
            }
        })));
        Assert.All(connections, connection => Assert.False(connection.IsBroken));
        Assert.Equal(Callers * 2, room.Files.List(room.Folder.Value).Count);
        await CloseAsync(room, connections);
    }

    [Theory]
    [OnEveryServer]
    public async Task Listing_metadata_and_transfers_go_on_side_by_side(string server)
    {
        var room = await EnterAsync(server);
        var content = Payload.Create(3_000_001);
        var file = room.Put("folder/file", content);
        for (var i = 0; i < 500; i++)
        {
            room.Put($"many/{i}", []);
        }

        var connections = await OpenAsync(room);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var connection = connections[caller];
            for (var round = 0; round < 4; round++)
            {
                switch (caller % 4)
                {
                    case 0:
                        Payload.AssertSame(content.AsMemory(), await ContractRoom.DownloadAsync(connection, file));
                        break;
                    case 1:
                        await ContractRoom.UploadAsync(connection, room[$"folder/up-{caller}"], content);
                        break;
                    case 2:
                        Assert.Equal(500, await connection.ListAsync(room["many"], CancellationToken.None).CountAsync());
                        break;
                    default:
                        Assert.Equal(content.Length, (await connection.GetEntryAsync(file, true, CancellationToken.None)).Size);
                        await FailsWithAsync(
                            () => connection.GetEntryAsync(room["folder/missing"], true, CancellationToken.None).AsTask(), BackendError.NotFound);
                        break;
                }
            }
        })));
        await CloseAsync(room, connections);
    }

    [Theory]
    [OnEveryServer("sftp")]
    public async Task A_cancelled_transfer_hurts_no_neighbour_on_the_connection(string server)
    {
        var room = await EnterAsync(server);
        var content = Payload.Create(5_000_001);
        var file = room.Put("file", content);
        var big = room.PutSparse("big", 64L * 1024 * 1024);
        using var stop = new CancellationTokenSource();
        var cancelling = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var cancel = new CancellationTokenSource();
                await using var stream = await room.Connection.OpenReadAsync(big, CancellationToken.None);
                Assert.True(await stream.ReadAsync(new byte[1000], CancellationToken.None) > 0);
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
                {
                    while (await stream.ReadAsync(new byte[100_000], cancel.Token) > 0)
                    {
                    }
                });
            }
        });
        for (var i = 0; i < 10; i++)
        {
            Payload.AssertSame(content.AsMemory(), await room.DownloadAsync(file));
        }

        await stop.CancelAsync();
        await cancelling;
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer("sftp")]
    public async Task A_stalled_reader_holds_no_neighbour_hostage(string server)
    {
        var room = await EnterAsync(server);
        var content = Payload.Create(2_000_001);
        var file = room.Put("file", content);
        var big = room.PutSparse("big", 64L * 1024 * 1024);
        var stalled = new List<RemoteReadStream>();
        for (var i = 0; i < Callers; i++)
        {
            var stream = await room.Connection.OpenReadAsync(big, CancellationToken.None);
            stalled.Add(stream);
            Assert.True(await stream.ReadAsync(new byte[1000], CancellationToken.None) > 0);
        }

        Payload.AssertSame(content.AsMemory(), await room.DownloadAsync(file).WaitAsync(TimeSpan.FromSeconds(20)));
        foreach (var stream in stalled)
        {
            await stream.DisposeAsync();
        }

        await room.AssertUsableAsync();
    }

    private static async Task<BackendConnection[]> OpenAsync(ContractRoom room) => room.Connector.IsShareable
        ? [.. Enumerable.Repeat(room.Connection, Callers)]
        : await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => room.Connector.OpenAsync(CancellationToken.None)));

    private static async Task CloseAsync(ContractRoom room, BackendConnection[] connections)
    {
        foreach (var connection in connections.Where(connection => connection != room.Connection))
        {
            await connection.DisposeAsync();
        }
    }
}
