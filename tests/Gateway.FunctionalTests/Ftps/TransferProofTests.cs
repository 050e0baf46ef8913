using System.Buffers;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Ftps;

/// <summary>A transfer is complete only with all its proofs: the TLS end, the final reply, and the size.</summary>
public sealed class TransferProofTests : FtpsTest
{
    private static readonly byte[] Content = Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31)).ToArray();

    [Fact]
    public async Task A_download_without_close_notify_is_cut_whatever_the_server_says()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content }, SendsCloseNotify = false };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await FailsAsync(() => DownloadAsync(connection, "/f"), BackendError.ConnectionLost);
        Assert.False(connection.IsBroken);

        server.SendsCloseNotify = true;
        Assert.Equal(Content, await DownloadAsync(connection, "/f"));
    }

    [Fact]
    public async Task A_listing_without_close_notify_is_cut()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content }, SendsCloseNotify = false };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await FailsAsync(() => ListAsync(connection), BackendError.ConnectionLost);
    }

    [Theory]
    [InlineData("451 read error\r\n", BackendError.ProtocolError)]
    [InlineData("426 aborted\r\n", BackendError.ProtocolError)]
    [InlineData("200 ok\r\n", BackendError.ProtocolError)]
    public async Task A_download_that_ends_with_another_reply_has_failed(string end, BackendError expected)
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content }, TransferEnd = end };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await FailsAsync(() => DownloadAsync(connection, "/f"), expected);
        await FailsAsync(() => ListAsync(connection), expected);
    }

    [Fact]
    public async Task A_download_whose_final_reply_never_comes_times_out()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content }, TransferEnd = "" };
        await using var connection = await ConnectorTo(server, settings => settings with { StallTimeout = TimeSpan.FromSeconds(1) }).OpenAsync(default);
        await FailsAsync(() => DownloadAsync(connection, "/f"), BackendError.Timeout);
        Assert.True(connection.IsBroken);
    }

    [Fact]
    public async Task A_file_shorter_than_its_size_is_an_error_after_its_last_byte()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content }, LeftOut = 1 };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await FailsAsync(() => DownloadAsync(connection, "/f"), BackendError.ProtocolError);
        Assert.False(connection.IsBroken);
    }

    [Fact]
    public async Task A_file_that_grew_is_read_to_the_size_it_had()
    {
        // More than the sockets hold: the server cannot send all of it.
        const int Growth = 30_000_000;
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content } };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await using (var stream = await connection.OpenReadAsync(RemotePath.Parse("/f"), default))
        {
            server.Files["f"] = [.. Content, .. new byte[Growth]];
            Assert.Equal(Content, await ReadAsync(stream));
        }

        Assert.Equal(Content.Length + Growth, (await DownloadAsync(connection, "/f")).Length);
    }

    [Fact]
    public async Task An_upload_stored_shorter_is_not_committed_though_the_server_confirmed_it()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = "old"u8.ToArray() }, LeftOut = 1 };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await FailsAsync(() => UploadAsync(connection, "/f", Content), BackendError.ProtocolError);
        Assert.Equal("old"u8.ToArray(), Assert.Single(server.Files).Value);
    }

    [Theory]
    [InlineData("552 quota exceeded\r\n", BackendError.InsufficientStorage)]
    [InlineData("451 disk full\r\n", BackendError.InsufficientStorage)]
    [InlineData("426 aborted\r\n", BackendError.ConnectionLost)]
    public async Task An_upload_refused_on_its_way_says_why_and_leaves_nothing(string end, BackendError expected)
    {
        await using var server = new ScriptedFtpServer { TransferEnd = end, UploadLimit = 100_000 };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await FailsAsync(
            async () =>
            {
                await using var stream = await connection.OpenWriteAsync(RemotePath.Parse("/f"), new WriteOptions(), default);
                for (var i = 0; i < 200; i++)
                {
                    await stream.WriteAsync(new ReadOnlySequence<byte>(Content), default);
                }

                await stream.CommitAsync(default);
            },
            expected);
        Assert.Empty(server.Files);
        Assert.False(connection.IsBroken);
    }

    [Fact]
    public async Task An_upload_refused_after_its_file_was_made_leaves_nothing()
    {
        await using var server = new ScriptedFtpServer();
        server.Instead = (verb, name) => verb == "STOR" && server.Files.TryAdd(name.TrimStart('/'), []) ? "552 quota exceeded\r\n" : null;
        await using var connection = await ConnectorTo(server).OpenAsync(default);

        await FailsAsync(
            () => connection.OpenWriteAsync(RemotePath.Parse("/f"), new WriteOptions(), default).AsTask(), BackendError.InsufficientStorage);

        Assert.Equal(1, server.Count("STOR"));
        Assert.Empty(server.Files);
        Assert.False(connection.IsBroken);
    }

    [Fact]
    public async Task A_whole_upload_has_the_time_size_and_name_it_was_given()
    {
        await using var server = new ScriptedFtpServer();
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        var result = await UploadAsync(connection, "/f", Content);
        Assert.True(result.Created);
        Assert.Equal(Content.Length, result.Entry.Size);
        Assert.Equal(Content, Assert.Single(server.Files, file => file.Key == "f").Value);
        Assert.Matches("^STOR /\\.gateway-[0-9a-f]{16}\\.part$", Assert.Single(server.Commands, command => command.StartsWith("STOR", StringComparison.Ordinal)));
    }

    private static async Task<byte[]> ReadAsync(RemoteReadStream stream)
    {
        using var content = new MemoryStream();
        var buffer = new byte[10_000];
        int count;
        while ((count = await stream.ReadAsync(buffer, default)) > 0)
        {
            content.Write(buffer, 0, count);
        }

        return content.ToArray();
    }
}
