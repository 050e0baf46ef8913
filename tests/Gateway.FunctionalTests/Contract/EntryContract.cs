using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary><see cref="BackendConnection.GetEntryAsync"/> and <see cref="BackendConnection.SetAttributesAsync"/> on every server.</summary>
public sealed class EntryContract(ITestOutputHelper output) : ContractTest(output)
{
    private static readonly DateTimeOffset Modified = new(2023, 6, 15, 4, 5, 6, TimeSpan.Zero);

    [Theory]
    [OnEveryServer]
    public async Task A_file_has_type_size_and_exact_time(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", "12345"u8);
        room.Files.SetModified(path.Value, Modified);

        var entry = await room.Connection.GetEntryAsync(path, followSymlink: true, CancellationToken.None);

        Assert.Equal("file", entry.Name);
        Assert.Equal(RemoteEntryType.File, entry.Type);
        Assert.Equal(5, entry.Size);
        Assert.Equal(Modified, entry.Modified);
        Assert.False(entry.IsModifiedApproximate);
        Assert.True(entry.IsAddressable);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_folder_is_a_folder(string server)
    {
        var room = await EnterAsync(server);
        room.Files.CreateFolder(room["folder/below"].Value);
        var entry = await room.Connection.GetEntryAsync(room["folder"], followSymlink: true, CancellationToken.None);
        Assert.Equal(("folder", RemoteEntryType.Directory), (entry.Name, entry.Type));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task The_root_is_a_folder_without_a_name(string server)
    {
        var room = await EnterAsync(server);
        var entry = await room.Connection.GetEntryAsync(RemotePath.Root, followSymlink: true, CancellationToken.None);
        Assert.Equal(("", RemoteEntryType.Directory), (entry.Name, entry.Type));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Odd_names_are_found(string server)
    {
        var room = await EnterAsync(server);
        var wrong = new List<string>();
        var names = ContractServer.GetOddNames(server);
        for (var i = 0; i < names.Count; i++)
        {
            var path = room.Put(names[i], new byte[i + 1]);
            try
            {
                var entry = await room.Connection.GetEntryAsync(path, followSymlink: true, CancellationToken.None);
                if (entry.Name != names[i] || entry.Size != i + 1 || entry.Type != RemoteEntryType.File)
                {
                    wrong.Add($"{names[i]}: {entry}");
                }
            }
            catch (BackendException e)
            {
                wrong.Add($"{names[i]}: {e.Error} {e.Message}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_missing_entry_is_not_found(string server)
    {
        var room = await EnterAsync(server);
        await FailsWithAsync(() => StatAsync(room, "missing"), BackendError.NotFound);
        await FailsWithAsync(() => StatAsync(room, "missing/below/that"), BackendError.NotFound);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Nothing_is_below_a_file(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "x"u8);
        await FailsWithAsync(() => StatAsync(room, "file/below"), BackendError.NotFound, BackendError.NotADirectory);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.HidesPermissions)]
    public async Task An_entry_in_a_folder_without_permission_is_refused(string server)
    {
        var room = await EnterAsync(server);
        room.Put("secret/file", "x"u8);
        room.Files.SetMode(room["secret"].Value, UnixFileMode.None);
        await FailsWithAsync(() => StatAsync(room, "secret/file"), BackendError.PermissionDenied);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_link_is_followed_when_asked_to(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "12345"u8);
        room.Files.CreateLink(room["link"].Value, "file");

        var target = await room.Connection.GetEntryAsync(room["link"], followSymlink: true, CancellationToken.None);
        Assert.Equal((RemoteEntryType.File, 5L), (target.Type, target.Size));
    }

    [Theory]
    [OnEveryServer("sftp", Without = ServerQuirks.HidesLinks)]
    public async Task A_link_is_itself_when_asked_not_to_follow(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "12345"u8);
        room.Files.CreateLink(room["link"].Value, "file");
        Assert.True(room.Connection.Capabilities.ResolvesSymlinks);
        var link = await room.Connection.GetEntryAsync(room["link"], followSymlink: false, CancellationToken.None);
        Assert.Equal(RemoteEntryType.Symlink, link.Type);
    }

    [Theory]
    [OnEveryServer("sftp", Without = ServerQuirks.HidesLinks)]
    public async Task A_dangling_link_is_there_and_its_target_is_not(string server)
    {
        var room = await EnterAsync(server);
        room.Files.CreateLink(room["dangling"].Value, "nowhere");
        await FailsWithAsync(() => StatAsync(room, "dangling"), BackendError.NotFound);
        var link = await room.Connection.GetEntryAsync(room["dangling"], followSymlink: false, CancellationToken.None);
        Assert.Equal(RemoteEntryType.Symlink, link.Type);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task The_time_of_a_file_can_be_set_where_the_server_can(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", "x"u8);
        if (room.Connection.Capabilities.SetModified)
        {
            await room.Connection.SetAttributesAsync(path, Modified, permissions: null, CancellationToken.None);
            Assert.Equal(Modified, room.Files.GetModified(path.Value));
        }
        else
        {
            await FailsWithAsync(
                () => room.Connection.SetAttributesAsync(path, Modified, null, CancellationToken.None).AsTask(), BackendError.NotSupported);
        }

        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.HidesPermissions)]
    public async Task Permissions_can_be_set_where_the_server_can(string server)
    {
        var room = await EnterAsync(server);
        var path = room.Put("file", "x"u8);
        const int Mode = 0b110_100_000;
        if (room.Connection.Capabilities.SetPermissions)
        {
            await room.Connection.SetAttributesAsync(path, modified: null, Mode, CancellationToken.None);
            Assert.Equal((UnixFileMode)Mode, File.GetUnixFileMode(room.Files.Locate(path.Value)));
        }
        else
        {
            await FailsWithAsync(
                () => room.Connection.SetAttributesAsync(path, null, Mode, CancellationToken.None).AsTask(), BackendError.NotSupported);
        }

        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Attributes_of_a_missing_entry_cannot_be_set(string server)
    {
        var room = await EnterAsync(server);
        if (room.Connection.Capabilities.SetModified)
        {
            await FailsWithAsync(
                () => room.Connection.SetAttributesAsync(room["missing"], Modified, null, CancellationToken.None).AsTask(), BackendError.NotFound);
        }

        await room.AssertUsableAsync();
    }

    private static Task<RemoteEntry> StatAsync(ContractRoom room, string name) =>
        room.Connection.GetEntryAsync(room[name], followSymlink: true, CancellationToken.None).AsTask();
}
