using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary>Copies that the server makes by itself: as good as uploads, or not made at all.</summary>
public sealed class CopyContract(ITestOutputHelper output) : ContractTest(output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(10);

    [Theory]
    [OnEveryServer]
    public async Task A_server_copies_the_whole_file_or_says_that_it_cannot(string server)
    {
        var room = await EnterAsync(server);
        foreach (var size in room.Server.IsSftp ? new[] { 0, 1, 9_000_001 } : [1])
        {
            var content = Payload.Create(size);
            var path = room.Put("a", content);
            await using var source = await room.Connection.OpenReadAsync(path, CancellationToken.None);
            if (!room.Server.IsSftp)
            {
                // One transfer at a time: the other end needs a connection of its own, and the server cannot know of both.
                await using var other = await room.Connector.OpenAsync(CancellationToken.None);
                await using var far = await other.OpenWriteAsync(room["b"], new WriteOptions(), CancellationToken.None);
                Assert.False(await far.TryCopyFromAsync(source, CancellationToken.None));
                continue;
            }

            await using var target = await room.Connection.OpenWriteAsync(room["b"], new WriteOptions { ExpectedLength = size }, CancellationToken.None);
            Assert.Equal(room.Connection.Capabilities.ServerSideCopy, await target.TryCopyFromAsync(source, CancellationToken.None));
            if (room.Connection.Capabilities.ServerSideCopy)
            {
                Assert.Equal(size, (await target.CommitAsync(CancellationToken.None)).Entry.Size);
                Payload.AssertSame(content, room.Files.Read(room["b"].Value));
            }
        }

        Assert.Equal(room.Connection.Capabilities.ServerSideCopy ? ["a", "b"] : ["a"], room.Files.List(room.Folder.Value));
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("openssh-chroot-password")]
    public async Task A_caller_that_leaves_in_the_middle_leaves_nothing_and_a_usable_connection(string server)
    {
        var room = await EnterAsync(server);
        var path = room.PutSparse("a", 512L * 1024 * 1024);
        using var leaving = new CancellationTokenSource();
        await using (var source = await room.Connection.OpenReadAsync(path, CancellationToken.None))
        await using (var target = await room.Connection.OpenWriteAsync(room["b"], new WriteOptions(), CancellationToken.None))
        {
            var copying = target.TryCopyFromAsync(source, leaving.Token).AsTask();

            // Others are served between two pieces, though the server does one thing at a time.
            await room.Connection.ProbeAsync(CancellationToken.None).AsTask().WaitAsync(Promptly);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying.WaitAsync(Promptly));
        }

        Assert.Equal(["a"], room.Files.List(room.Folder.Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [InlineData("openssh")]
    [InlineData("openssh-sftp-server")]
    public async Task A_server_that_freezes_under_a_copy_is_a_timeout_in_time(string server)
    {
        var room = await EnterOwnAsync(server, settings => settings with { OperationTimeout = Limit, StallTimeout = Limit });
        var path = room.PutSparse("a", 4L * 1024 * 1024 * 1024);
        await using var source = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        await using var target = await room.Connection.OpenWriteAsync(room["b"], new WriteOptions(), CancellationToken.None);
        room.Server.Server.Pause();
        await FailsWithinAsync(Limit + Promptly, () => target.TryCopyFromAsync(source, CancellationToken.None).AsTask(), BackendError.Timeout);
        room.Server.Server.Resume();
        Assert.False(room.Files.Exists(room["b"].Value));
    }
}
