using System.Diagnostics;
using Gateway.Broker.Backends;
using Gateway.Testing.Servers;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary><see cref="BackendConnection.OpenReadAsync"/> and <see cref="RemoteReadStream"/> on every server.</summary>
public sealed class DownloadContract(ITestOutputHelper output) : ContractTest(output)
{
    private const int OddSize = (5 * 1024 * 1024) + 3;
    private const long LargeSize = 64L * 1024 * 1024;

    private static readonly byte[] Large = Payload.Create(OddSize);
    private static readonly byte[] Small = Payload.Create(10_007);

    [Theory]
    [OnEveryServer]
    public async Task Files_of_any_size_arrive_byte_for_byte(string server)
    {
        var room = await EnterAsync(server);
        foreach (var content in new[] { [], new byte[] { 42 }, Small, Large })
        {
            var path = room.Put("file", content);
            await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
            Assert.Equal(("file", RemoteEntryType.File), (stream.Entry.Name, stream.Entry.Type));
            Assert.Equal(content.Length, stream.Entry.Size);
            Payload.AssertSame(content.AsMemory(), await ContractRoom.ReadToEndAsync(stream));
            Assert.Equal(0, await stream.ReadAsync(new byte[10], CancellationToken.None));
        }

        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_buffer_may_be_of_any_size(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", Small);
        foreach (var size in new[] { 1, 7, 4096, 1_000_000 })
        {
            await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
            Payload.AssertSame(Small.AsMemory(), await ContractRoom.ReadToEndAsync(stream, size));
        }
    }

    [Theory]
    [OnEveryServer]
    public async Task Ranges_are_exact(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", Large);
        (long Offset, long? Length)[] ranges =
        [
            (0, 1), (OddSize - 1, 1), (OddSize - 1, null), (OddSize, null), (OddSize, 0), (0, 0), (0, OddSize), (1_000_000, 2_000_001), (4_000_000, null),
        ];
        foreach (var (offset, length) in ranges)
        {
            if (room.Connection.IsBroken)
            {
                // An FTP server that does not survive the end of a range before the end of the file.
                room = await EnterAsync(server);
                path = room.Put("file", Large);
            }

            await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
            stream.SelectRange(offset, length);
            var expected = Large.AsMemory((int)offset, (int)(length ?? OddSize - offset));
            Payload.AssertSame(expected, await ContractRoom.ReadToEndAsync(stream), $"{offset}+{length}");
        }

        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task One_stream_gives_several_ranges_or_says_that_it_cannot(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", Large);
        var given = 0;
        try
        {
            await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
            foreach (var (offset, length) in new[] { (10, 100), (3_000_000, 70_000), (0, 10), (OddSize - 5, 5) })
            {
                stream.SelectRange(offset, length);
                Payload.AssertSame(Large.AsMemory(offset, length), await ContractRoom.ReadToEndAsync(stream), $"{offset}+{length}");
                given++;
            }
        }
        catch (BackendException) when (!room.Server.IsSftp && given > 0)
        {
            // Some FTP servers end the whole session when a transfer is ended early.
        }

        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Between_two_ranges_a_change_of_the_file_is_seen(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", Large);
        await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        Assert.Equal(stream.Entry, await stream.GetCurrentEntryAsync(CancellationToken.None));
        stream.SelectRange(OddSize - 10, 10);
        Payload.AssertSame(Large.AsMemory(OddSize - 10), await ContractRoom.ReadToEndAsync(stream));
        Assert.Equal(stream.Entry, await stream.GetCurrentEntryAsync(CancellationToken.None));

        File.SetLastWriteTimeUtc(room.Files.Locate(path.Value), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.NotEqual(stream.Entry, await stream.GetCurrentEntryAsync(CancellationToken.None));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Files_with_odd_names_are_read(string server)
    {
        var room = await EnterAsync(server);
        var wrong = new List<string>();
        foreach (var name in ContractServer.GetOddNames(server))
        {
            var content = System.Text.Encoding.UTF8.GetBytes("content of " + name);
            room.Put(name, content);
            try
            {
                var downloaded = await room.DownloadAsync(room[name]);
                if (!content.AsSpan().SequenceEqual(downloaded))
                {
                    wrong.Add($"{name}: other content");
                }
            }
            catch (BackendException e)
            {
                wrong.Add($"{name}: {e.Error} {e.Message}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_missing_file_is_not_found(string server)
    {
        var room = await EnterAsync(server);
        await FailsWithAsync(() => room.DownloadAsync(room["missing"]), BackendError.NotFound);
        await FailsWithAsync(() => room.DownloadAsync(room["missing/below"]), BackendError.NotFound);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_folder_is_no_file_to_read(string server)
    {
        var room = await EnterAsync(server);
        room.Files.CreateFolder(room["folder"].Value);
        await FailsWithAsync(() => room.DownloadAsync(room["folder"]), BackendError.IsADirectory);
        await FailsWithAsync(() => room.DownloadAsync(RemotePath.Root), BackendError.IsADirectory);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_file_without_permission_is_refused(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("secret", "x"u8);
        room.Files.SetMode(path.Value, UnixFileMode.None);
        await FailsWithAsync(() => room.DownloadAsync(path), BackendError.PermissionDenied);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer("sftp")]
    public async Task A_pipe_is_refused_or_times_out(string server)
    {
        // Opening a pipe blocks the server: one that serves all sessions in one thread must not be shared.
        var room = await EnterOwnAsync(server, settings => settings with { OperationTimeout = TimeSpan.FromSeconds(3) });
        await Command.RunAsync("mkfifo", ["-m", "666", room.Files.Locate(room["pipe"].Value)]);
        await FailsWithinAsync(
            TimeSpan.FromSeconds(10),
            () => room.DownloadAsync(room["pipe"]),
            BackendError.NotSupported, BackendError.PermissionDenied, BackendError.NotFound, BackendError.Timeout, BackendError.ConnectionLost);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_file_that_shrinks_while_it_is_read_is_never_a_short_success(string server)
    {
        var room = await EnterAsync(server);
        var path = room.PutSparse("file", LargeSize);
        await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        var buffer = new byte[64 * 1024];
        Assert.True(await stream.ReadAsync(buffer, CancellationToken.None) > 0);
        using (var file = new FileStream(room.Files.Locate(path.Value), FileMode.Open, FileAccess.Write))
        {
            file.SetLength(1024 * 1024);
        }

        await FailsWithAsync(() => ContractRoom.ReadToEndAsync(stream), BackendError.ProtocolError, BackendError.ConnectionLost, BackendError.PreconditionFailed);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_cancelled_read_ends_with_the_callers_cancellation(string server)
    {
        var room = await EnterAsync(server);
        var path = room.PutSparse("file", LargeSize);
        using var cancel = new CancellationTokenSource();
        await using (var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None))
        {
            var buffer = new byte[64 * 1024];
            var total = 0L;
            var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                int count;
                while ((count = await stream.ReadAsync(buffer, cancel.Token)) > 0)
                {
                    total += count;
                    if (total > 1024 * 1024)
                    {
                        await cancel.CancelAsync();
                    }
                }
            });
            Assert.Equal(cancel.Token, thrown.CancellationToken);
            Assert.InRange(total, 1024 * 1024, LargeSize - 1);
        }

        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_download_left_half_way_is_closed_quickly(string server)
    {
        var room = await EnterAsync(server);
        var path = room.PutSparse("file", LargeSize);
        var clock = Stopwatch.StartNew();
        await using (var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None))
        {
            Assert.True(await stream.ReadAsync(new byte[1000], CancellationToken.None) > 0);
        }

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_download_opened_and_never_read_costs_nothing(string server)
    {
        var room = await EnterAsync(server);
        var path = room.PutSparse("file", LargeSize);
        await using (var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None))
        {
            Assert.Equal(LargeSize, stream.Entry.Size);
        }

        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_caller_who_has_left_already_gets_the_cancellation(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", Small);
        var gone = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => room.Connection.OpenReadAsync(path, gone).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => room.Connection.GetEntryAsync(path, true, gone).AsTask());
        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_slow_reader_gets_all_of_it(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", Large);
        await using var stream = await room.Connection.OpenReadAsync(path, CancellationToken.None);
        using var content = new MemoryStream();
        var buffer = new byte[stream.PreferredReadSize];
        int count;
        while ((count = await stream.ReadAsync(buffer, CancellationToken.None)) > 0)
        {
            content.Write(buffer, 0, count);
            await Task.Delay(5);
        }

        Payload.AssertSame(Large.AsMemory(), content.ToArray());
    }
}
