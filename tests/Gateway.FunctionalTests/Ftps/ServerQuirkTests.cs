using System.Globalization;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Ftps;

/// <summary>Servers that differ from those that are easily had.</summary>
public sealed class ServerQuirkTests : FtpsTest
{
    private static readonly byte[] Content = Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7)).ToArray();

    [Fact]
    public async Task The_address_in_a_passive_reply_is_never_believed()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content } };
        server.Instead = (verb, _) => verb == "EPSV" ? "500 what?\r\n" : null;
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        Assert.Equal(Content, await DownloadAsync(connection, "/f"));
        Assert.Equal(Content[10..], await DownloadAsync(connection, "/f", offset: 10));
        Assert.Equal(1, server.Count("EPSV"));
        Assert.Equal(2, server.Count("PASV"));
    }

    [Theory]
    [InlineData("522 session reuse required\r\n")]
    [InlineData("425 Unable to build data connection\r\n")]
    [InlineData("450 TLS session of data connection has not resumed\r\n")]
    public async Task A_refused_data_connection_is_tried_again_with_a_new_login_unseen_by_the_caller(string refusal)
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content } };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        foreach (var operation in new Func<Task>[]
        {
            () => DownloadAsync(connection, "/f"), () => UploadAsync(connection, "/g", Content), () => ListAsync(connection),
        })
        {
            var isRefused = false;
            server.Instead = (verb, _) => verb is "RETR" or "STOR" or "MLSD" && !isRefused && (isRefused = true) ? refusal : null;
            var logins = server.Count("USER");
            await operation();
            Assert.True(isRefused);
            Assert.Equal(logins + 1, server.Count("USER"));
        }

        Assert.Equal(Content, server.Files["g"]);
        Assert.Equal(server.Count("USER"), server.Count("TYPE I"));
        Assert.Equal(server.Count("USER"), server.Count("PROT P"));
        Assert.False(connection.IsBroken);
    }

    [Theory]
    [InlineData("EPSV")]
    [InlineData("PASV")]
    public async Task A_server_that_met_a_port_in_use_is_asked_for_another_without_a_new_login(string passive)
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content } };
        var refusals = 0;
        server.Instead = (verb, _) => verb == "EPSV" && passive != verb ? "500 what?\r\n"
            : verb == passive && refusals++ < 2 ? "425 Unable to build data connection: Address already in use\r\n" : null;
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        Assert.Equal(Content, await DownloadAsync(connection, "/f"));
        Assert.Equal(3, server.Count(passive));
        Assert.Equal(1, server.Count("USER"));
    }

    [Fact]
    public async Task A_data_connection_refused_twice_is_an_error()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content } };
        server.Instead = (verb, _) => verb is "RETR" ? "522 session reuse required\r\n" : null;
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await FailsAsync(() => DownloadAsync(connection, "/f"), BackendError.ConnectionLost);
        Assert.Equal(2, server.Count("RETR"));
        Assert.True(connection.IsBroken);
    }

    [Fact]
    public async Task Where_a_rename_replaces_nothing_the_old_file_steps_aside()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = "old"u8.ToArray() } };
        server.Instead = (verb, argument) => verb == "RNTO" && server.Files.ContainsKey(argument.TrimStart('/')) ? "550 exists\r\n" : null;
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        Assert.True(connection.Capabilities.AtomicReplace);
        for (var i = 0; i < 2; i++)
        {
            Assert.False((await UploadAsync(connection, "/f", Content[i..])).Created);
            Assert.Equal(Content[i..], Assert.Single(server.Files).Value);
            Assert.False(connection.Capabilities.AtomicReplace);
        }
    }

    [Fact]
    public async Task Where_even_that_fails_the_old_file_comes_back()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = "old"u8.ToArray() } };
        var asides = 0;
        server.Instead = (verb, argument) => verb == "RNTO" && argument == "/f" && asides++ is 0 or 1 ? "550 no\r\n" : null;
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await FailsAsync(() => UploadAsync(connection, "/f", Content), BackendError.PermissionDenied);
        Assert.Equal("old"u8.ToArray(), Assert.Single(server.Files).Value);
        Assert.True(server.Files.ContainsKey("f"));
    }

    [Fact]
    public async Task A_second_reply_breaks_the_connection_instead_of_answering_the_next_command()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content } };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        server.Instead = (verb, _) => verb == "NOOP" ? "200 ok\r\n200 ok\r\n" : null;
        await connection.ProbeAsync(default);
        Assert.Equal(BackendError.ConnectionLost, (await connection.Broken.WaitAsync(Patience)).Error);
        await FailsAsync(() => ListAsync(connection), BackendError.ConnectionLost);
    }

    [Fact]
    public async Task An_idle_connection_that_the_server_ends_is_broken_at_once()
    {
        await using var server = new ScriptedFtpServer();
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        await server.SayAsync("421 Timeout.\r\n");
        var reason = await connection.Broken.WaitAsync(Patience);
        Assert.Equal(BackendError.ConnectionLost, reason.Error);
        Assert.Equal("421 Timeout.", reason.Diagnostic);
    }

    [Fact]
    public async Task Listings_of_DOS_are_read()
    {
        await using var server = new ScriptedFtpServer
        {
            Features = ["UTF8", "SIZE"],
            System = "Windows_NT",
            Listing = "11-20-25  02:13PM       <DIR>          a folder\r\n11-20-25  02:13PM                 1234 a file.txt\r\n",
        };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        var entries = await ListAsync(connection);
        Assert.Equal([("a folder", RemoteEntryType.Directory), ("a file.txt", RemoteEntryType.File)], entries.Select(entry => (entry.Name, entry.Type)));
        Assert.Equal(1, server.Count("LIST"));
        Assert.False(connection.Capabilities.ExactListings);
    }

    [Fact]
    public async Task A_server_that_takes_no_option_to_LIST_gets_none()
    {
        await using var server = new ScriptedFtpServer { Features = ["SIZE"], Listing = "-rw-r--r-- 1 o g 3 Mar 09 14:13 f\r\n" };
        server.Instead = (verb, argument) => verb == "LIST" && argument == "-a" ? "501 what?\r\n" : null;
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        Assert.Equal("f", Assert.Single(await ListAsync(connection)).Name);
    }

    [Theory]
    [InlineData("type=file;size=1; f\r\nsomething else\r\n")]
    [InlineData("ls: cannot open directory: Permission denied\r\n")]
    public async Task A_listing_that_is_not_understood_is_an_error_and_never_shorter(string listing)
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content }, Listing = listing };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        var failure = await FailsAsync(() => ListAsync(connection), BackendError.ProtocolError);
        Assert.DoesNotContain("Permission", failure.Message, StringComparison.Ordinal);

        server.Listing = null;
        Assert.Equal("f", Assert.Single(await ListAsync(connection)).Name);
    }

    [Fact]
    public async Task A_listing_cut_off_by_the_servers_own_limit_is_an_error()
    {
        await using var server = new ScriptedFtpServer { Files = { ["f"] = Content }, TransferEnd = "226-Options: -a -l\r\n226 Output truncated to 10000 matches\r\n" };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        Assert.Contains("limit", (await FailsAsync(() => ListAsync(connection), BackendError.ProtocolError)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_claims_to_be_endless_is_read_in_constant_memory()
    {
        var lines = string.Concat(Enumerable.Range(0, 200_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"type=file;size={i}; entry-{i:d8}\r\n")));
        await using var server = new ScriptedFtpServer { Listing = lines };
        await using var connection = await ConnectorTo(server).OpenAsync(default);
        var count = 0;
        await foreach (var entry in connection.ListAsync(RemotePath.Root, default))
        {
            Assert.Equal(count++, entry.Size);
        }

        Assert.Equal(200_000, count);
    }

    [Fact]
    public async Task What_was_left_behind_by_a_dead_connection_is_removed_by_the_next()
    {
        await using var server = new ScriptedFtpServer();
        var connector = ConnectorTo(server);
        await using (var connection = await connector.OpenAsync(default))
        {
            await using var stream = await connection.OpenWriteAsync(RemotePath.Parse("/f"), new WriteOptions(), default);
            connection.Break(new BackendException(BackendError.ConnectionLost, "Gone."));
        }

        await Eventually.HoldsAsync(() => server.Files.Count == 1);
        await using var next = await connector.OpenAsync(default);
        Assert.Empty(server.Files);
    }
}
