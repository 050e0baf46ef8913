using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary>Creating, removing and renaming on every server.</summary>
public sealed class ChangeContract(ITestOutputHelper output) : ContractTest(output)
{
    [Theory]
    [OnEveryServer]
    public async Task A_folder_is_created_and_removed(string server)
    {
        var room = await EnterAsync(server);
        await MakeAsync(room, "folder");
        Assert.True(Directory.Exists(room.Files.Locate(room["folder"].Value)));
        Assert.Equal(RemoteEntryType.Directory, Assert.Single(await room.ListAsync()).Type);
        await RemoveFolderAsync(room, "folder");
        Assert.Empty(room.Files.List(room.Folder.Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Odd_names_are_created_renamed_and_removed(string server)
    {
        var room = await EnterAsync(server);
        var wrong = new List<string>();
        foreach (var name in ContractServer.GetOddNames(server, forFolders: true))
        {
            try
            {
                await MakeAsync(room, name);
                Assert.Equal([name], room.Files.List(room.Folder.Value));
                await RenameAsync(room, name, "plain");
                Assert.Equal(["plain"], room.Files.List(room.Folder.Value));
                await RenameAsync(room, "plain", name);
                Assert.Equal([name], room.Files.List(room.Folder.Value));
                await RemoveFolderAsync(room, name);
                room.Put(name, "x"u8);
                await DeleteAsync(room, name);
                Assert.Empty(room.Files.List(room.Folder.Value));
            }
            catch (Exception e) when (e is BackendException or Xunit.Sdk.XunitException)
            {
                wrong.Add($"{name}: {(e as BackendException)?.Error} {e.Message}");
                foreach (var left in room.Files.List(room.Folder.Value))
                {
                    var path = room.Files.Locate(room.Folder.Value) + "/" + left;
                    if (Directory.Exists(path))
                    {
                        Directory.Delete(path);
                    }
                    else
                    {
                        File.Delete(path);
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [OnEveryServer]
    public async Task A_folder_is_not_created_where_anything_has_the_name(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "x"u8);
        room.Files.CreateFolder(room["folder"].Value);
        await FailsWithAsync(() => MakeAsync(room, "file"), BackendError.AlreadyExists);
        await FailsWithAsync(() => MakeAsync(room, "folder"), BackendError.AlreadyExists);
        await FailsWithAsync(() => room.Connection.CreateDirectoryAsync(RemotePath.Root, CancellationToken.None).AsTask(), BackendError.AlreadyExists);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_folder_is_not_created_without_its_parent(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "x"u8);
        await FailsWithAsync(() => MakeAsync(room, "missing/folder"), BackendError.NotFound);
        await FailsWithAsync(() => MakeAsync(room, "file/folder"), BackendError.NotADirectory, BackendError.NotFound);
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.HidesPermissions)]
    public async Task Changes_in_a_folder_without_permission_are_refused(string server)
    {
        var room = await EnterAsync(server);
        room.Put("locked/file", "x"u8);
        room.Put("other", "x"u8);
        room.Files.CreateFolder(room["locked/folder"].Value);
        room.Files.SetMode(room["locked"].Value, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await FailsWithAsync(() => MakeAsync(room, "locked/new"), BackendError.PermissionDenied);
        await FailsWithAsync(() => DeleteAsync(room, "locked/file"), BackendError.PermissionDenied);
        await FailsWithAsync(() => RemoveFolderAsync(room, "locked/folder"), BackendError.PermissionDenied);
        await FailsWithAsync(() => RenameAsync(room, "locked/file", "taken"), BackendError.PermissionDenied);
        await FailsWithAsync(() => RenameAsync(room, "other", "locked/given"), BackendError.PermissionDenied);
        Assert.Equal(["file", "folder"], room.Files.List(room["locked"].Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Only_an_empty_folder_is_removed(string server)
    {
        var room = await EnterAsync(server);
        room.Put("full/file", "x"u8);
        room.Put("file", "x"u8);
        await FailsWithAsync(() => RemoveFolderAsync(room, "full"), BackendError.NotEmpty);
        await FailsWithAsync(() => RemoveFolderAsync(room, "file"), BackendError.NotADirectory);
        await FailsWithAsync(() => RemoveFolderAsync(room, "missing"), BackendError.NotFound);
        Assert.Equal(["file", "full"], room.Files.List(room.Folder.Value));
        Assert.True(room.Files.Exists(room["full/file"].Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_folder_with_nothing_but_hidden_files_is_not_empty(string server)
    {
        var room = await EnterAsync(server);
        room.Put("full/.hidden", "x"u8);
        await FailsWithAsync(() => RemoveFolderAsync(room, "full"), BackendError.NotEmpty);
        Assert.True(room.Files.Exists(room["full/.hidden"].Value));
    }

    [Theory]
    [OnEveryServer]
    public async Task A_file_is_deleted_and_a_folder_is_not(string server)
    {
        var room = await EnterAsync(server);
        room.Put("file", "x"u8);
        room.Files.CreateFolder(room["folder"].Value);
        await DeleteAsync(room, "file");
        await FailsWithAsync(() => DeleteAsync(room, "folder"), BackendError.IsADirectory);
        await FailsWithAsync(() => DeleteAsync(room, "missing"), BackendError.NotFound);
        Assert.Equal(["folder"], room.Files.List(room.Folder.Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer(Without = ServerQuirks.HidesLinks)]
    public async Task Deleting_a_link_leaves_its_target(string server)
    {
        var room = await EnterAsync(server);
        room.Put("target", "x"u8);
        room.Files.CreateLink(room["link"].Value, "target");
        await DeleteAsync(room, "link");
        Assert.Equal(["target"], room.Files.List(room.Folder.Value));
    }

    [Theory]
    [OnEveryServer]
    public async Task Files_and_folders_are_renamed_and_moved(string server)
    {
        var room = await EnterAsync(server);
        room.Put("a", "content"u8);
        room.Put("folder/inside", "inside"u8);
        await RenameAsync(room, "a", "b");
        await RenameAsync(room, "b", "folder/c");
        await RenameAsync(room, "folder", "renamed");
        Assert.Equal(["renamed"], room.Files.List(room.Folder.Value));
        Assert.Equal(["c", "inside"], room.Files.List(room["renamed"].Value));
        Assert.Equal("content"u8.ToArray(), room.Files.Read(room["renamed/c"].Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task Without_overwrite_an_existing_target_stays(string server)
    {
        var room = await EnterAsync(server);
        room.Put("from", "from"u8);
        room.Put("to", "to"u8);
        room.Files.CreateFolder(room["folder"].Value);
        await FailsWithAsync(() => RenameAsync(room, "from", "to"), BackendError.AlreadyExists);
        await FailsWithAsync(() => RenameAsync(room, "from", "folder"), BackendError.AlreadyExists);
        Assert.Equal("from"u8.ToArray(), room.Files.Read(room["from"].Value));
        Assert.Equal("to"u8.ToArray(), room.Files.Read(room["to"].Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task With_overwrite_a_file_is_replaced_and_a_folder_is_not(string server)
    {
        var room = await EnterAsync(server);
        room.Put("from", "from"u8);
        room.Put("to", "to"u8);
        room.Files.CreateFolder(room["folder"].Value);
        await FailsWithAsync(() => RenameAsync(room, "from", "folder", overwrite: true), BackendError.AlreadyExists, BackendError.IsADirectory);
        Assert.True(Directory.Exists(room.Files.Locate(room["folder"].Value)));
        await RenameAsync(room, "from", "to", overwrite: true);
        Assert.Equal("from"u8.ToArray(), room.Files.Read(room["to"].Value));
        Assert.Equal(["folder", "to"], room.Files.List(room.Folder.Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_rename_needs_its_source_and_the_targets_folder(string server)
    {
        var room = await EnterAsync(server);
        room.Put("from", "from"u8);
        await FailsWithAsync(() => RenameAsync(room, "missing", "to"), BackendError.NotFound);
        await FailsWithAsync(() => RenameAsync(room, "from", "missing/to"), BackendError.NotFound);
        await FailsWithAsync(() => RenameAsync(room, "missing", "to", overwrite: true), BackendError.NotFound);
        Assert.Equal(["from"], room.Files.List(room.Folder.Value));
        await room.AssertUsableAsync();
    }

    [Theory]
    [OnEveryServer]
    public async Task A_rename_of_a_missing_source_leaves_the_target(string server)
    {
        var room = await EnterAsync(server);
        room.Put("to", "to"u8);
        await FailsWithAsync(() => RenameAsync(room, "missing", "to", overwrite: true), BackendError.NotFound);
        Assert.Equal("to"u8.ToArray(), room.Files.Read(room["to"].Value));
        await room.AssertUsableAsync();
    }

    private static Task MakeAsync(ContractRoom room, string name) =>
        room.Connection.CreateDirectoryAsync(room[name], CancellationToken.None).AsTask();

    private static Task RemoveFolderAsync(ContractRoom room, string name) =>
        room.Connection.DeleteDirectoryAsync(room[name], CancellationToken.None).AsTask();

    private static Task DeleteAsync(ContractRoom room, string name) =>
        room.Connection.DeleteFileAsync(room[name], CancellationToken.None).AsTask();

    private static Task RenameAsync(ContractRoom room, string from, string to, bool overwrite = false) =>
        room.Connection.RenameAsync(room[from], room[to], overwrite, CancellationToken.None).AsTask();
}
