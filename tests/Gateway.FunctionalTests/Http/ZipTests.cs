using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Http;

/// <summary><c>Accept: application/zip</c>.</summary>
public sealed class ZipTests
{
    private const string Zip = "application/zip";

    private static readonly DateTimeOffset Modified = new(2025, 3, 1, 12, 0, 2, TimeSpan.Zero);

    [Fact]
    public async Task A_tree_comes_as_an_archive_with_times_and_permissions()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var big = RandomNumberGenerator.GetBytes(700_001);
        gateway.Backend.AddFile("/t/名前/🎉 file.txt", "hello"u8.ToArray(), Modified);
        gateway.Backend.AddFile("/t/big.bin", big, Modified);
        gateway.Backend.AddFile("/t/empty", [], Modified);
        gateway.Backend.AddFolder("/t/nothing in it");
        gateway.Backend.AddFile("/other", "not this"u8.ToArray());

        using var response = await gateway.GetAsync("directories/t", ("Accept", Zip));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Zip, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment; filename=\"t.zip\"", response.Content.Headers.NonValidated["Content-Disposition"].ToString());
        Assert.Equal("nosniff", response.Headers.NonValidated["X-Content-Type-Options"].ToString());
        using var archive = await ReadAsync(response);
        Assert.Equal(["big.bin", "empty", "nothing in it/", "名前/", "名前/🎉 file.txt"], archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        Assert.Equal(big, Content(archive, "big.bin"));
        Assert.Equal("hello"u8.ToArray(), Content(archive, "名前/🎉 file.txt"));
        Assert.Equal([], Content(archive, "empty"));
        Assert.Equal(Modified.DateTime, archive.GetEntry("big.bin")!.LastWriteTime.DateTime);
        Assert.Equal(0x81A4, archive.GetEntry("big.bin")!.ExternalAttributes >>> 16);
        Assert.Equal(0x41ED, archive.GetEntry("名前/")!.ExternalAttributes >>> 16);
        Assert.Equal("", archive.Comment);
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0);
    }

    [Theory]
    [InlineData("", 0, 100_000)]
    [InlineData("?compression=fastest", 0, 100_000)]
    [InlineData("?compression=none", 1_000_000, 1_001_000)]
    public async Task The_caller_chooses_between_small_and_fast(string query, int least, int most)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/t/zeros", new byte[1_000_000]);

        using var response = await gateway.GetAsync("directories/t" + query, ("Accept", Zip));
        using var archive = await ReadAsync(response);

        Assert.InRange((await response.Content.ReadAsByteArrayAsync()).Length, least, most);
        Assert.Equal(new byte[1_000_000], Content(archive, "zeros"));
    }

    [Theory]
    [InlineData("directories/", "files.zip")]
    [InlineData("directories/a%20b", "a b.zip")]
    public async Task HEAD_and_an_empty_folder(string path, string name)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFolder("/a b");
        using var head = await gateway.SendAsync(HttpMethod.Head, path, null, ("Accept", Zip));
        using var get = await gateway.GetAsync(path, ("Accept", Zip));

        Assert.Equal($"attachment; filename=\"{name}\"", head.Content.Headers.NonValidated["Content-Disposition"].ToString());
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        using var archive = await ReadAsync(get);
        Assert.Equal(path.EndsWith('/') ? 1 : 0, archive.Entries.Count);
    }

    [Theory]
    [InlineData("directories/missing", HttpStatusCode.NotFound, "not-found")]
    [InlineData("directories/file", HttpStatusCode.Conflict, "not-a-directory")]
    [InlineData("directories/?recursive=true", HttpStatusCode.BadRequest, "invalid-request")]
    [InlineData("directories/?limit=1", HttpStatusCode.BadRequest, "invalid-request")]
    [InlineData("directories/?compression=best", HttpStatusCode.BadRequest, "invalid-request")]
    public async Task What_fails_before_the_first_byte_is_a_status(string path, HttpStatusCode status, string name)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/file", []);
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var response = await gateway.SendAsync(method, path, null, ("Accept", Zip));
            Assert.Equal(status, response.StatusCode);
            if (method == HttpMethod.Get)
            {
                await MemoryGateway.ReadProblemAsync(response, status, name);
            }
        }
    }

    [Fact]
    public async Task Names_that_could_lead_out_of_the_folder_are_escaped()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        foreach (var name in new[] { "..\\..\\evil", "C:", "... ", "\\\\host" })
        {
            gateway.Backend.AddFile("/t/" + name + "/x", "x"u8.ToArray());
        }

        using var response = await gateway.GetAsync("directories/t", ("Accept", Zip));
        using var archive = await ReadAsync(response);

        Assert.Equal(8, archive.Entries.Count);
        Assert.All(archive.Entries, entry =>
        {
            Assert.DoesNotContain('\\', entry.FullName);
            Assert.DoesNotContain(entry.FullName.Split('/')[..^1], segment => segment.Trim(' ', '.').Length == 0);
            Assert.DoesNotContain("C:", entry.FullName, StringComparison.Ordinal);
            Assert.False(entry.FullName.StartsWith('/'));
        });
    }

    [Fact]
    public async Task Links_are_what_they_lead_to_if_that_is_a_file_that_may_be_read()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/t/file", "content"u8.ToArray());
        AddLink("to a file", "/t/file");
        AddLink("to nowhere", "/nowhere");
        AddLink("to its own folder", "/t");
        AddLink("out", "/out");
        gateway.Backend.OddEntries[RemotePath.Parse("/t")] = [new RemoteEntry { Name = "a\\u000ab", Type = RemoteEntryType.File, IsAddressable = false }];
        gateway.Backend.Before = (operation, path, _) => operation == MemoryOperation.OpenRead && path.Name == "out"
            ? throw new BackendException(BackendError.PermissionDenied, "It leads out of the root.")
            : default;

        using var response = await gateway.GetAsync("directories/t", ("Accept", Zip));
        using var archive = await ReadAsync(response);

        Assert.Equal(["file", "to a file"], archive.Entries.Select(entry => entry.FullName));
        Assert.Equal("content"u8.ToArray(), Content(archive, "to a file"));
        Assert.StartsWith("4 entries were left out", archive.Comment, StringComparison.Ordinal);

        void AddLink(string name, string target) =>
            gateway.Backend.Add("/t/" + name, new MemoryNode { Type = RemoteEntryType.Symlink, Target = RemotePath.Parse(target) });
    }

    [Theory]
    [InlineData(MemoryOperation.OpenRead, BackendError.PermissionDenied)]
    [InlineData(MemoryOperation.Read, BackendError.ProtocolError)]
    [InlineData(MemoryOperation.ReadEnd, BackendError.ConnectionLost)]
    [InlineData(MemoryOperation.List, BackendError.PermissionDenied)]
    public async Task What_fails_in_the_tree_cuts_the_archive_off(MemoryOperation when, BackendError error)
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/t/a", RandomNumberGenerator.GetBytes(200_000));
        gateway.Backend.AddFile("/t/b/c", new byte[200_000]);
        gateway.Backend.Before = (operation, path, _) => operation == when && path.Value.StartsWith("/t/b", StringComparison.Ordinal)
            ? throw new BackendException(error, "It failed as told.")
            : default;
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);

        await connection.SendAsync($"GET {MemoryGateway.Base}directories/t HTTP/1.1\r\nHost: gateway\r\nAccept: {Zip}\r\n\r\n");
        var answer = Encoding.Latin1.GetString(await connection.ReadToEndAsync());

        // A reset may overtake what was sent before it.
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal));
        Assert.False(answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal));
        Assert.DoesNotContain("PK\u0005\u0006", answer, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0 && Leases(gateway) == 0);
        await Eventually.HoldsAsync(() => gateway.Host.Logs.Lines.Any(line => line.Text.Contains("It failed as told", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_goes_away_meanwhile_is_no_part_of_it_and_a_lost_connection_between_two_files_is_replaced()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        foreach (var name in new[] { "a", "b", "c/d", "e/f" })
        {
            gateway.Backend.AddFile("/t/" + name, Encoding.ASCII.GetBytes(name));
        }

        var lost = 0;
        gateway.Backend.Before = (operation, path, _) =>
        {
            if (operation == MemoryOperation.OpenRead && path.Name == "a")
            {
                gateway.Backend.Delete("/t/b");
            }
            else if (operation is MemoryOperation.OpenRead or MemoryOperation.List && path.Value is "/t/c" or "/t/c/d" && Interlocked.Increment(ref lost) is 1 or 3)
            {
                throw new BackendException(BackendError.ConnectionLost, "The connection was lost.");
            }

            return default;
        };

        using var response = await gateway.GetAsync("directories/t", ("Accept", Zip));
        using var archive = await ReadAsync(response);

        Assert.Equal(["a", "c/", "c/d", "e/", "e/f"], archive.Entries.Select(entry => entry.FullName));
        Assert.Equal("c/d"u8.ToArray(), Content(archive, "c/d"));
    }

    [Fact]
    public async Task One_connection_with_one_lease_is_enough()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Pool:MaxConnections", "1"), ("Backends:files:Pool:LeasesPerConnection", "1"));
        gateway.Backend.IsShareable = false;
        gateway.Backend.AddFile("/t/a/b/c", "x"u8.ToArray());
        gateway.Backend.AddFile("/t/d", "y"u8.ToArray());

        using var response = await gateway.GetAsync("directories/t", ("Accept", Zip));
        using var archive = await ReadAsync(response);

        Assert.Equal(["a/", "a/b/", "a/b/c", "d"], archive.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_it_at_once()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/t/a", new byte[1000]);
        gateway.Backend.AddFile("/t/b", new byte[1000]);
        var isOpening = new TaskCompletionSource();
        gateway.Backend.Before = async (operation, path, token) =>
        {
            if (operation == MemoryOperation.OpenRead && path.Name == "b")
            {
                isOpening.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress);
        await connection.SendAsync($"GET {MemoryGateway.Base}directories/t HTTP/1.1\r\nHost: gateway\r\nAccept: {Zip}\r\n\r\n");
        await isOpening.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await connection.DisposeAsync();

        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0 && Leases(gateway) == 0);
    }

    [Fact]
    public async Task A_caller_that_takes_nothing_is_cut_off()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Backends:files:Transfers:StallTimeout", "00:00:01"));
        gateway.Backend.AddFile("/t/a", RandomNumberGenerator.GetBytes(32 * 1024 * 1024));
        await using var connection = await RawConnection.OpenAsync(gateway.Host.BaseAddress, receiveBuffer: 4096);
        await connection.SendAsync($"GET {MemoryGateway.Base}directories/t HTTP/1.1\r\nHost: gateway\r\nAccept: {Zip}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await connection.ReadHeadAsync(), StringComparison.Ordinal);

        await Eventually.HoldsAsync(() => gateway.Host.Logs.Lines.Any(line => line.EventId == 1322));
        await Eventually.HoldsAsync(() => gateway.Backend.OpenReads == 0 && Leases(gateway) == 0);
        Assert.DoesNotContain(gateway.Host.Logs.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    private static int Leases(MemoryGateway gateway) => gateway.Host.Services.GetRequiredService<ConnectionBroker>().GetSnapshots()[0].Leases;

    private static async Task<ZipArchive> ReadAsync(HttpResponseMessage response) => new(new MemoryStream(await response.Content.ReadAsByteArrayAsync()));

    private static byte[] Content(ZipArchive archive, string name)
    {
        using var content = new MemoryStream();
        using var stream = archive.GetEntry(name)!.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
