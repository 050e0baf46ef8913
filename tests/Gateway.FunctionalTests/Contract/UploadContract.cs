using System.Buffers;
using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary><see cref="BackendConnection.OpenWriteAsync"/> and <see cref="RemoteWriteStream"/> on every server.</summary>
public sealed class UploadContract(ITestOutputHelper output) : ContractTest(output)
{
    private static readonly byte[] Large = Payload.Create((5 * 1024 * 1024) + 3);
    private static readonly byte[] Small = Payload.Create(10_007, seed: 2);

    [Theory]
    [OnEveryServer]
    public async Task Files_of_any_size_are_stored_byte_for_byte(string server)
    {
        var room = await EnterAsync(server);
        var number = 0;
        foreach (var content in new[] { [], new byte[] { 42 }, Small, Large })
        {
            var path = room[$"file-{++number}"];
            var result = await room.UploadAsync(path, content);
            Assert.True(result.Created);
            Assert.Equal((path.Name, RemoteEntryType.File, content.Length), (result.Entry.Name, result.Entry.Type, result.Entry.Size));
            Payload.AssertSame(content.AsMemory(), room.Files.Read(path.Value));
        }

        Assert.Equal(["file-1", "file-2", "file-3", "file-4"], room.Files.List(room.Folder.Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_sequence_of_many_pieces_is_one_file(string server)
    {
        var room = await EnterAsync(server);
        await using (var stream = await room.Connection.OpenWriteAsync(room["file"], new WriteOptions(), CancellationToken.None))
        {
            await stream.WriteAsync(Pieces.Create(Small, 13), CancellationToken.None);
            await stream.WriteAsync(ReadOnlySequence<byte>.Empty, CancellationToken.None);
            await stream.WriteAsync(Pieces.Create(Large, 70_001), CancellationToken.None);
            Assert.Equal(Small.Length + Large.Length, stream.Length);
            await stream.CommitAsync(CancellationToken.None);
        }

        Assert.True(Small.Concat(Large).SequenceEqual(room.Files.Read(room["file"].Value)));
    }

    [Theory]
    [OnEveryServer]
    public async Task Written_memory_may_be_reused_at_once(string server)
    {
        var room = await EnterAsync(server);
        var buffer = new byte[50_000];
        await using (var stream = await room.Connection.OpenWriteAsync(room["file"], new WriteOptions(), CancellationToken.None))
        {
            for (var i = 0; i < 40; i++)
            {
                buffer.AsSpan().Fill((byte)i);
                await stream.WriteAsync(new ReadOnlySequence<byte>(buffer), CancellationToken.None);
                buffer.AsSpan().Fill(0xEE);
            }

            await stream.CommitAsync(CancellationToken.None);
        }

        var stored = room.Files.Read(room["file"].Value);
        Assert.Equal(40 * buffer.Length, stored.Length);
        Assert.All(Enumerable.Range(0, 40), i => Assert.False(stored.AsSpan(i * buffer.Length, buffer.Length).ContainsAnyExcept((byte)i)));
    }

    [Theory]
    [OnEveryServer]
    public async Task Files_with_odd_names_are_stored(string server)
    {
        var room = await EnterAsync(server);
        var wrong = new List<string>();
        foreach (var name in ContractServer.GetOddNames(server))
        {
            var content = System.Text.Encoding.UTF8.GetBytes("content of " + name);
            try
            {
                await room.UploadAsync(room[name], content);
                if (!content.AsSpan().SequenceEqual(room.Files.Read(room[name].Value)))
                {
                    wrong.Add($"{name}: other content");
                }
            }
            catch (Exception e) when (e is BackendException or IOException)
            {
                wrong.Add($"{name}: {(e as BackendException)?.Error} {e.Message}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(ContractServer.GetOddNames(server).Order(StringComparer.Ordinal), room.Files.List(room.Folder.Value), StringComparer.Ordinal);
    }

    [Theory]
    [OnEveryServer]
    public async Task Nothing_has_the_final_name_before_the_commit(string server)
    {
        var room = await EnterAsync(server);
        await using var stream = await room.Connection.OpenWriteAsync(room["file"], new WriteOptions(), CancellationToken.None);
        await ContractRoom.WriteAsync(stream, Large);
        Assert.False(room.Files.Exists(room["file"].Value));
        await stream.CommitAsync(CancellationToken.None);
        Assert.Equal(["file"], room.Files.List(room.Folder.Value));
    }

    [Theory]
    [OnEveryServer]
    public async Task An_abandoned_upload_leaves_nothing(string server)
    {
        var room = await EnterAsync(server);
        room.Put("existing", "old"u8);
        foreach (var name in new[] { "new", "existing" })
        {
            await using var stream = await room.Connection.OpenWriteAsync(room[name], new WriteOptions(), CancellationToken.None);
            await ContractRoom.WriteAsync(stream, Large);
        }

        await LeavesOnlyAsync(room, "existing");
        Assert.Equal("old"u8.ToArray(), room.Files.Read(room["existing"].Value));
        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task An_upload_abandoned_before_its_first_byte_leaves_nothing(string server)
    {
        var room = await EnterAsync(server);
        await using (await room.Connection.OpenWriteAsync(room["new"], new WriteOptions(), CancellationToken.None))
        {
        }

        await LeavesOnlyAsync(room);
        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_cancelled_upload_leaves_nothing(string server)
    {
        var room = await EnterAsync(server);
        using var cancel = new CancellationTokenSource();
        await using (var stream = await room.Connection.OpenWriteAsync(room["new"], new WriteOptions(), CancellationToken.None))
        {
            await ContractRoom.WriteAsync(stream, Small);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await stream.WriteAsync(new ReadOnlySequence<byte>(Large), cancel.Token);
                await stream.CommitAsync(cancel.Token);
            });
        }

        await LeavesOnlyAsync(room);
        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task An_existing_file_is_replaced(string server)
    {
        var room = await EnterAsync(server);
        // Longer than the new one: a file overwritten in place would keep its tail.
        room.Put("file", Large);
        var result = await room.UploadAsync(room["file"], Small);
        Assert.False(result.Created);
        Assert.Equal(Small.Length, result.Entry.Size);
        Payload.AssertSame(Small.AsMemory(), room.Files.Read(room["file"].Value));
        Assert.Equal(["file"], room.Files.List(room.Folder.Value));
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.RenamesInSteps)]
    public async Task A_file_being_replaced_is_never_missing_or_partial(string server)
    {
        var room = await EnterAsync(server);
        if (!room.Connection.Capabilities.AtomicReplace)
        {
            return;
        }

        byte[][] contents = [new byte[200_000], new byte[200_000]];
        contents[1].AsSpan().Fill(1);
        room.Put("file", contents[0]);
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var seen = room.Files.Read(room["file"].Value);
                Assert.Equal(200_000, seen.Length);
                Assert.False(seen.AsSpan().ContainsAnyExcept(seen[0]));
            }
        });
        for (var i = 1; i <= 15; i++)
        {
            await room.UploadAsync(room["file"], contents[i % 2]);
        }

        await stop.CancelAsync();
        await watching;
    }

    [Theory]
    [OnEveryServer]
    public async Task Without_overwrite_an_existing_file_stops_the_upload_at_once(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "old"u8);
        await FailsWithAsync(() => OpenAsync(room, "file", new WriteOptions { Overwrite = false }), BackendError.AlreadyExists);
        Assert.Equal("old"u8.ToArray(), room.Files.Read(room["file"].Value));
        await LeavesOnlyAsync(room, "file");
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Without_overwrite_a_file_that_appeared_meanwhile_wins(string server)
    {
        var room = await EnterAsync(server);
        await using (var stream = await room.Connection.OpenWriteAsync(
            room["file"], new WriteOptions { Overwrite = false }, CancellationToken.None))
        {
            await ContractRoom.WriteAsync(stream, Small);
            room.Put("file", "other"u8);
            await FailsWithAsync(() => stream.CommitAsync(CancellationToken.None).AsTask(), BackendError.AlreadyExists);
        }

        Assert.Equal("other"u8.ToArray(), room.Files.Read(room["file"].Value));
        await LeavesOnlyAsync(room, "file");
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Without_overwrite_a_new_file_is_created(string server)
    {
        var room = await EnterAsync(server);
        Assert.True((await room.UploadAsync(room["file"], Small, new WriteOptions { Overwrite = false })).Created);
        Payload.AssertSame(Small.AsMemory(), room.Files.Read(room["file"].Value));
        Assert.Equal(["file"], room.Files.List(room.Folder.Value));
    }

    [Theory]
    [OnEveryServer]
    public async Task Another_length_than_announced_is_refused(string server)
    {
        var room = await EnterAsync(server);
        foreach (var announced in new[] { Small.Length - 1, Small.Length + 1 })
        {
            await FailsWithAsync(
                () => room.UploadAsync(room["file"], Small, new WriteOptions { ExpectedLength = announced }),
                BackendError.PreconditionFailed);
        }

        await LeavesOnlyAsync(room);
        Assert.True((await room.UploadAsync(room["file"], Small, new WriteOptions { ExpectedLength = Small.Length })).Created);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_missing_folder_stops_the_upload_at_once(string server)
    {
        var room = await EnterAsync(server);
        await FailsWithAsync(() => OpenAsync(room, "missing/file"), BackendError.NotFound);
        Assert.Empty(room.Files.List(room.Folder.Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_file_in_the_place_of_the_folder_stops_the_upload_at_once(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "x"u8);
        await FailsWithAsync(() => OpenAsync(room, "file/below"), BackendError.NotADirectory, BackendError.NotFound);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_folder_in_the_place_of_the_file_stops_the_upload_at_once(string server)
    {
        var room = await EnterAsync(server);
        room.Files.CreateFolder(room["folder"].Value);
        await FailsWithAsync(() => OpenAsync(room, "folder"), BackendError.IsADirectory);
        await FailsWithAsync(
            () => room.Connection.OpenWriteAsync(RemotePath.Root, new WriteOptions(), CancellationToken.None).AsTask(), BackendError.IsADirectory);
        await LeavesOnlyAsync(room, "folder");
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.HidesPermissions)]
    public async Task A_folder_without_permission_refuses_the_upload(string server)
    {
        var room = await EnterAsync(server);
        room.Files.CreateFolder(room["locked"].Value);
        room.Files.SetMode(room["locked"].Value, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await FailsWithAsync(() => OpenAsync(room, "locked/file"), BackendError.PermissionDenied);
        Assert.Empty(room.Files.List(room["locked"].Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task The_time_given_is_kept_where_the_server_can(string server)
    {
        var room = await EnterAsync(server);
        var modified = new DateTimeOffset(2001, 9, 9, 1, 46, 40, TimeSpan.Zero);
        var result = await room.UploadAsync(room["file"], Small, new WriteOptions { Modified = modified });
        if (room.Connection.Capabilities.SetModified)
        {
            Assert.Equal(modified, result.Entry.Modified);
            Assert.Equal(modified, room.Files.GetModified(room["file"].Value));
        }
    }

    [Theory]
    [OnEveryServer]
    public async Task Uploads_and_downloads_take_turns_on_one_connection(string server)
    {
        var room = await EnterAsync(server);
        // A TLS session that was resumed once must serve the next transfer too, in whatever order.
        for (var i = 0; i < 12; i++)
        {
            var content = Payload.Create(5_000 + i, seed: i);
            await room.UploadAsync(room["file"], content);
            Payload.AssertSame(content.AsMemory(), await room.DownloadAsync(room["file"]));
            Assert.Single(await room.ListAsync());
        }

        Assert.False(room.Connection.IsBroken);
    }

    private static async Task OpenAsync(ContractRoom room, string name, WriteOptions? options = null)
    {
        await using var stream = await room.Connection.OpenWriteAsync(room[name], options ?? new WriteOptions(), CancellationToken.None);
    }

    /// <summary>
    /// The folder holds these and no temporary file. Where ending the transfer broke the connection, the backend's next
    /// connection removes what was left.
    /// </summary>
    private static async Task LeavesOnlyAsync(ContractRoom room, params string[] names)
    {
        if (room.Connection.IsBroken)
        {
            await using var next = await room.Connector.OpenAsync(CancellationToken.None);
            await next.ProbeAsync(CancellationToken.None);
        }

        // Nobody waits for the removal of what nobody wants: it is under way when the failure is reported.
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(5);
        while (room.Files.List(room.Folder.Value).Count > names.Length && DateTime.UtcNow < deadline)
        {
            await Task.Delay(20);
        }

        Assert.Equal(names, room.Files.List(room.Folder.Value));
    }
}
