using System.Diagnostics;
using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary>A server that stops answering: a timeout in time, and nobody else waits for it.</summary>
public sealed class FreezeContract(ITestOutputHelper output) : ContractTest(output)
{
    private const long LargeSize = 256L * 1024 * 1024;

    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Theory]
    [OnEveryServer]
    public async Task A_server_that_freezes_is_a_timeout_in_time(string server)
    {
        var room = await EnterOwnAsync(server, Short);
        room.Put("file", "x"u8);
        room.Server.Server.Pause();
        await FailsWithinAsync(Limit + Promptly, () => room.Connection.ProbeAsync(CancellationToken.None).AsTask(), BackendError.Timeout);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_server_that_freezes_under_a_listing_is_a_timeout_in_time(string server)
    {
        var room = await EnterOwnAsync(server, Short);
        room.Put("file", "x"u8);
        room.Server.Server.Pause();
        await FailsWithinAsync(Limit + Promptly, () => room.ListAsync(), BackendError.Timeout);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_server_that_freezes_under_a_download_is_a_timeout_in_time(string server)
    {
        var room = await EnterOwnAsync(server, Short);
        var path = room.PutSparse("file", LargeSize);
        await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        Assert.True(await stream.ReadAsync(new byte[1000], CancellationToken.None) > 0);
        room.Server.Server.Pause();
        await FailsWithinAsync(Limit + Promptly, () => ContractRoom.ReadToEndAsync(stream), BackendError.Timeout);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_server_that_freezes_under_an_upload_is_a_timeout_in_time(string server)
    {
        var room = await EnterOwnAsync(server, Short);
        await using var stream = await room.Connection.OpenWriteAsync(room["file"], new WriteOptions(), CancellationToken.None);
        await ContractRoom.WriteAsync(stream, Payload.Create(1000));
        room.Server.Server.Pause();
        await FailsWithinAsync(
            Limit + Limit + Promptly,
            async () =>
            {
                await ContractRoom.WriteAsync(stream, Payload.Create(30_000_000));
                await stream.CommitAsync(CancellationToken.None);
            },
            BackendError.Timeout);
        room.Server.Server.Resume();
        Assert.False(room.Files.Exists(room["file"].Value));
    }

    [Theory]
    [OnEveryServer]
    public async Task Cancelling_does_not_wait_for_a_frozen_server(string server)
    {
        var room = await EnterOwnAsync(server);
        var path = room.PutSparse("file", LargeSize);
        await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        Assert.True(await stream.ReadAsync(new byte[1000], CancellationToken.None) > 0);
        room.Server.Server.Pause();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadOnAsync(stream, cancel.Token).WaitAsync(Promptly));
    }

    [Theory]
    [OnEveryServer]
    public async Task Closing_does_not_wait_for_a_frozen_server(string server)
    {
        var room = await EnterOwnAsync(server);
        var path = room.PutSparse("file", LargeSize);
        var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        Assert.True(await stream.ReadAsync(new byte[1000], CancellationToken.None) > 0);
        room.Server.Server.Pause();
        var clock = Stopwatch.StartNew();
        await stream.DisposeAsync().AsTask().WaitAsync(Patience);
        await room.Connection.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static BackendSettings Short(BackendSettings settings) => settings with { OperationTimeout = Limit, StallTimeout = Limit };

    private static async Task ReadOnAsync(RemoteReadStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }
}
