using System.Globalization;
using Gateway.Broker.Backends;
using Gateway.Testing.Servers;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary><see cref="BackendConnection.ListAsync"/> on every server.</summary>
public sealed class ListingContract(ITestOutputHelper output) : ContractTest(output)
{
    [Theory]
    [OnEveryServer]
    public async Task An_empty_folder_has_no_entries(string server)
    {
        var room = await EnterAsync(server);
        Assert.Empty(await room.ListAsync());
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task The_root_lists_its_folders(string server)
    {
        var room = await EnterAsync(server);
        var entries = await room.ListAsync(RemotePath.Root);
        Assert.Contains(entries, entry => entry.Name == room.Folder.Name && entry.Type == RemoteEntryType.Directory);
        Assert.DoesNotContain(entries, entry => entry.Name is "." or "..");
    }

    [Theory]
    [OnEveryServer]
    public async Task Files_folders_and_hidden_ones_come_with_type_size_and_time(string server)
    {
        var room = await EnterAsync(server);
        var modified = new DateTimeOffset(2024, 2, 29, 12, 34, 56, TimeSpan.Zero);
        room.Put("file.txt", "12345"u8);
        room.Put(".hidden", "1234567"u8);
        room.Put("empty", []);
        room.Files.CreateFolder(room["folder"].Value);
        room.Files.CreateFolder(room[".hidden-folder"].Value);
        room.Files.SetModified(room["file.txt"].Value, modified);

        var entries = (await room.ListAsync()).ToDictionary(entry => entry.Name, StringComparer.Ordinal);

        string[] expected = [".hidden", ".hidden-folder", "empty", "file.txt", "folder"];
        Assert.Equal(expected, entries.Keys.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(entries.Values, entry => Assert.True(entry.IsAddressable));
        Assert.Equal((RemoteEntryType.File, 5L), (entries["file.txt"].Type, entries["file.txt"].Size));
        Assert.Equal((RemoteEntryType.File, 7L), (entries[".hidden"].Type, entries[".hidden"].Size));
        Assert.Equal((RemoteEntryType.File, 0L), (entries["empty"].Type, entries["empty"].Size));
        Assert.Equal(RemoteEntryType.Directory, entries["folder"].Type);
        Assert.Equal(RemoteEntryType.Directory, entries[".hidden-folder"].Type);

        var listed = entries["file.txt"];
        Assert.NotNull(listed.Modified);
        Assert.Equal(room.Connection.Capabilities.ExactListings, !listed.IsModifiedApproximate);
        // A LIST line has the day for old files and the minute for recent ones.
        var tolerance = listed.IsModifiedApproximate ? TimeSpan.FromDays(1) : TimeSpan.Zero;
        Assert.InRange((listed.Modified.Value - modified).Duration(), TimeSpan.Zero, tolerance);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_thousand_entries_come_once_each(string server) => await ListManyAsync(server, 1_000);

    [Theory]
    [OnEveryServer]
    public async Task Ten_thousand_entries_come_once_each(string server) => await ListManyAsync(server, 10_000);

    [Theory]
    [OnEveryServer]
    public async Task Odd_names_are_listed_as_they_are(string server)
    {
        var room = await EnterAsync(server);
        foreach (var name in OddNames.All)
        {
            room.Put(name, "x"u8);
        }

        var entries = await room.ListAsync();

        Assert.Equal(OddNames.All.Order(StringComparer.Ordinal), entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.All(entries, entry => Assert.True(entry.IsAddressable, entry.Name));
    }

    [Theory]
    [OnEveryServer]
    public async Task Folders_with_odd_names_can_be_listed(string server)
    {
        var room = await EnterAsync(server);
        var wrong = new List<string>();
        foreach (var name in ContractServer.GetOddNames(server))
        {
            room.Put(name + "/inside", "x"u8);
            // What a server that expands wildcards or options in LIST would show instead.
            room.Put("decoy/other", "x"u8);
            try
            {
                var entries = await room.ListAsync(room[name]);
                if (entries is not [{ Name: "inside" }])
                {
                    wrong.Add($"{name}: {string.Join(", ", entries.Select(entry => entry.Name))}");
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
    [OnEveryServer(Without = ServerQuirks.TranslatesNames)]
    public async Task A_name_that_is_no_text_is_shown_and_not_addressable(string server)
    {
        var room = await EnterAsync(server);
        room.Put("good", "x"u8);
        await Command.RunAsync("bash", ["-c", """: > "$0"/$'bad\xff\xfename'""", room.Files.Locate(room.Folder.Value)]);

        var entries = await room.ListAsync();

        Assert.Contains(entries, entry => entry is { Name: "good", IsAddressable: true });
        var bad = Assert.Single(entries, entry => entry.Name != "good");
        Assert.False(bad.IsAddressable);
        Assert.DoesNotContain(bad.Name, char.IsControl);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.TranslatesNames)]
    public async Task A_name_with_control_characters_never_reaches_a_caller_raw(string server)
    {
        var room = await EnterAsync(server);
        room.Put("good", "x"u8);
        room.Files.Write(room.Folder.Value + "/tab\tbell\aescape\u001b[31m", "x"u8);

        var entries = await room.ListAsync();

        Assert.Contains(entries, entry => entry is { Name: "good", IsAddressable: true });
        var bad = Assert.Single(entries, entry => entry.Name != "good");
        Assert.False(bad.IsAddressable);
        Assert.DoesNotContain(bad.Name, char.IsControl);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.HidesLinks)]
    public async Task A_dangling_symlink_is_listed_and_hurts_nobody(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "x"u8);
        room.Files.CreateLink(room["dangling"].Value, "nowhere");

        var entries = await room.ListAsync();

        Assert.Contains(entries, entry => entry is { Name: "file", Type: RemoteEntryType.File });
        // Some FTP servers look behind links, and leave out one that leads nowhere.
        if (room.Server.IsSftp || entries.Count == 2)
        {
            var link = Assert.Single(entries, entry => entry.Name == "dangling");
            Assert.True(link.Type is RemoteEntryType.Symlink or RemoteEntryType.Other, link.Type.ToString());
            Assert.True(link.Type == RemoteEntryType.Symlink || !room.Server.IsSftp);
        }

        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer("sftp", Without = ServerQuirks.HidesLinks)]
    public async Task Symlinks_are_listed_as_links(string server)
    {
        var room = await EnterAsync(server);
        room.Files.CreateFolder(room["folder"].Value);
        room.Put("file", "x"u8);
        room.Files.CreateLink(room["to-folder"].Value, "folder");
        room.Files.CreateLink(room["to-file"].Value, "file");

        var entries = (await room.ListAsync()).ToDictionary(entry => entry.Name, entry => entry.Type, StringComparer.Ordinal);

        Assert.Equal(RemoteEntryType.Symlink, entries["to-folder"]);
        Assert.Equal(RemoteEntryType.Symlink, entries["to-file"]);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_missing_folder_is_not_found(string server)
    {
        var room = await EnterAsync(server);
        await FailsWithAsync(() => room.ListAsync(room["missing"]), BackendError.NotFound);
        await FailsWithAsync(() => room.ListAsync(room["missing/below"]), BackendError.NotFound);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_file_is_no_folder_to_list(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "x"u8);
        await FailsWithAsync(() => room.ListAsync(room["file"]), BackendError.NotADirectory);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.HidesPermissions)]
    public async Task A_folder_without_permission_is_refused_and_never_empty(string server)
    {
        var room = await EnterAsync(server);
        room.Put("secret/file", "x"u8);
        room.Files.SetMode(room["secret"].Value, UnixFileMode.None);
        await FailsWithAsync(() => room.ListAsync(room["secret"]), BackendError.PermissionDenied);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_listing_left_early_leaves_the_connection_usable_or_broken(string server)
    {
        var room = await EnterAsync(server);
        PutMany(room, 3_000);
        await foreach (var entry in room.Connection.ListAsync(room.Folder, CancellationToken.None))
        {
            Assert.NotEmpty(entry.Name);
            break;
        }

        await room.AssertUsableOrBrokenAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_cancelled_listing_ends_with_the_callers_cancellation(string server)
    {
        var room = await EnterAsync(server);
        PutMany(room, 3_000);
        using var cancel = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var entry in room.Connection.ListAsync(room.Folder, cancel.Token))
            {
                if (++seen == 10)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        Assert.InRange(seen, 10, 2_999);
        await room.AssertUsableOrBrokenAsync();
    }

    private async Task ListManyAsync(string server, int count)
    {
        var room = await EnterAsync(server);
        var names = PutMany(room, count);
        var entries = await room.ListAsync();
        Assert.Equal(count, entries.Count);
        Assert.True(names.SetEquals(entries.Select(entry => entry.Name)));
        Assert.All(entries, entry => Assert.Equal((RemoteEntryType.File, 0L), (entry.Type, entry.Size)));
        await room.AssertUsableAsync();
    }

    private static HashSet<string> PutMany(ContractRoom room, int count)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"entry number {i:d5} of a folder with many.txt");
            names.Add(name);
            File.Create(Path.Combine(room.Files.Locate(room.Folder.Value), name)).Dispose();
        }

        return names;
    }
}
