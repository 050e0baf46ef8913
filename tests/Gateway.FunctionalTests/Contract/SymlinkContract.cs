using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary><see cref="SymlinkPolicy"/> on servers whose driver resolves links.</summary>
public sealed class SymlinkContract(ITestOutputHelper output) : ContractTest(output)
{
    [Theory]
    [OnEveryServer("sftp")]
    public async Task Within_root_follows_links_that_stay_below_it(string server)
    {
        var (room, root) = await EnterBelowAsync(server, SymlinkPolicy.WithinRoot);
        Assert.Equal("inside"u8.ToArray(), await room.DownloadAsync(root.Append("to-inside")));
        Assert.Equal("inside"u8.ToArray(), await room.DownloadAsync(RemotePath.Parse("/to-folder/file")));
        Assert.Contains(await room.ListAsync(RemotePath.Parse("/to-folder")), entry => entry.Name == "file");
    }

    [Theory]
    [OnEveryServer("sftp", Without = ServerQuirks.HidesLinks)]
    public async Task No_operation_leaves_the_root_through_a_link(string server)
    {
        foreach (var policy in new[] { SymlinkPolicy.WithinRoot, SymlinkPolicy.Refuse })
        {
            var (room, _) = await EnterBelowAsync(server, policy);
            var connection = room.Connection;
            await FailsWithAsync(() => room.DownloadAsync(RemotePath.Parse("/to-outside")), BackendError.PermissionDenied);
            await FailsWithAsync(() => room.DownloadAsync(RemotePath.Parse("/to-outside-folder/file")), BackendError.PermissionDenied);
            await FailsWithAsync(() => room.ListAsync(RemotePath.Parse("/to-outside-folder")), BackendError.PermissionDenied);
            await FailsWithAsync(() => room.UploadAsync(RemotePath.Parse("/to-outside-folder/new"), [1]), BackendError.PermissionDenied);
            await FailsWithAsync(
                () => connection.CreateDirectoryAsync(RemotePath.Parse("/to-outside-folder/new"), CancellationToken.None).AsTask(), BackendError.PermissionDenied);
            await FailsWithAsync(
                () => connection.DeleteFileAsync(RemotePath.Parse("/to-outside-folder/file"), CancellationToken.None).AsTask(), BackendError.PermissionDenied);
            await FailsWithAsync(
                () => connection.RenameAsync(RemotePath.Parse("/to-outside-folder/file"), RemotePath.Parse("/stolen"), false, CancellationToken.None).AsTask(),
                BackendError.PermissionDenied);
            await FailsWithAsync(
                () => connection.GetEntryAsync(RemotePath.Parse("/to-outside"), followSymlink: true, CancellationToken.None).AsTask(), BackendError.PermissionDenied);
            Assert.Equal(["file"], room.Files.List(room.Folder.Value + "/outside"));
        }
    }

    [Theory]
    [OnEveryServer("sftp")]
    public async Task Follow_follows_everywhere(string server)
    {
        var (room, root) = await EnterBelowAsync(server, SymlinkPolicy.Follow);
        Assert.Equal("outside"u8.ToArray(), await room.DownloadAsync(root.Append("to-outside")));
        Assert.Contains(await room.ListAsync(root.Append("to-outside-folder")), entry => entry.Name == "file");
    }

    [Theory]
    [OnEveryServer("sftp", Without = ServerQuirks.HidesLinks)]
    public async Task Refuse_refuses_even_links_that_stay_inside(string server)
    {
        var (room, root) = await EnterBelowAsync(server, SymlinkPolicy.Refuse);
        await FailsWithAsync(() => room.DownloadAsync(root.Append("to-inside")), BackendError.PermissionDenied);
        Assert.Equal("inside"u8.ToArray(), await room.DownloadAsync(RemotePath.Parse("/inside/file")));
    }

    [Theory]
    [OnEveryServer("sftp", Without = ServerQuirks.HidesLinks)]
    public async Task A_link_can_be_removed_though_its_target_may_not_be_touched(string server)
    {
        var (room, root) = await EnterBelowAsync(server, SymlinkPolicy.WithinRoot);
        await room.Connection.DeleteFileAsync(root.Append("to-outside"), CancellationToken.None);
        Assert.True(room.Files.Exists(room.Folder.Value + "/outside/file"));
        Assert.False(room.Files.Exists(room.Folder.Value + "/root/to-outside"));
    }

    [Theory]
    [OnEveryServer("sftp", Without = ServerQuirks.HidesLinks)]
    public async Task A_link_that_takes_a_folders_place_is_refused_at_once(string server)
    {
        var (room, _) = await EnterBelowAsync(server, SymlinkPolicy.WithinRoot);
        var (folder, link) = (RemotePath.Parse("/inside"), RemotePath.Parse("/to-outside-folder"));
        Assert.Equal("inside"u8.ToArray(), await room.DownloadAsync(folder.Append("file")));

        // By a caller's own means: whoever may move things may move a link that leads outside to where a folder was just now.
        await room.Connection.RenameAsync(folder, RemotePath.Parse("/elsewhere"), false, CancellationToken.None);
        await room.Connection.RenameAsync(link, folder, false, CancellationToken.None);

        await FailsWithAsync(() => room.DownloadAsync(folder.Append("file")), BackendError.PermissionDenied);
        await FailsWithAsync(() => room.ListAsync(folder), BackendError.PermissionDenied);
        await FailsWithAsync(() => room.UploadAsync(folder.Append("new"), [1]), BackendError.PermissionDenied);
        await FailsWithAsync(() => room.Connection.DeleteFileAsync(folder.Append("file"), CancellationToken.None).AsTask(), BackendError.PermissionDenied);
        Assert.Equal(["file"], room.Files.List(room.Folder.Value + "/outside"));
    }

    [Theory]
    [OnEveryServer("sftp", Without = ServerQuirks.HidesLinks)]
    public async Task A_link_that_leads_outside_is_neither_written_through_nor_changed_nor_entered(string server)
    {
        var (room, _) = await EnterBelowAsync(server, SymlinkPolicy.WithinRoot);
        var connection = room.Connection;
        var (file, folder) = (RemotePath.Parse("/to-outside"), RemotePath.Parse("/to-outside-folder"));
        await FailsWithAsync(() => room.UploadAsync(file, [1]), BackendError.PermissionDenied);
        await FailsWithAsync(() => room.UploadAsync(file, [1], new WriteOptions { Overwrite = false }), BackendError.PermissionDenied);
        await FailsWithAsync(() => connection.SetAttributesAsync(file, null, 0x1FF, CancellationToken.None).AsTask(), BackendError.PermissionDenied);
        await FailsWithAsync(() => connection.DeleteDirectoryAsync(folder, CancellationToken.None).AsTask(), BackendError.NotADirectory);
        await FailsWithAsync(
            () => connection.RenameAsync(RemotePath.Parse("/inside/file"), folder.Append("smuggled"), true, CancellationToken.None).AsTask(), BackendError.PermissionDenied);

        // What has the name of a link is replaced by a move, and not what the link leads to.
        await connection.RenameAsync(RemotePath.Parse("/inside/file"), file, true, CancellationToken.None);
        Assert.Equal("inside"u8.ToArray(), await room.DownloadAsync(file));
        Assert.Equal("outside"u8.ToArray(), room.Files.Read(room.Folder.Value + "/root-neighbour/file"));
        Assert.Equal(["file"], room.Files.List(room.Folder.Value + "/outside"));
    }

    /// <summary>A connection whose root is a folder of the room, with a neighbour that links lead to.</summary>
    private async Task<(ContractRoom Room, RemotePath Root)> EnterBelowAsync(string server, SymlinkPolicy policy)
    {
        var outer = await EnterAsync(server);
        var folder = outer.Folder.Value;
        outer.Files.Write(folder + "/root/inside/file", "inside"u8);
        outer.Files.Write(folder + "/outside/file", "outside"u8);
        // A neighbour whose name starts with the root's: a comparison of texts alone would let it pass.
        outer.Files.Write(folder + "/root-neighbour/file", "outside"u8);
        outer.Files.CreateLink(folder + "/root/to-inside", "inside/file");
        outer.Files.CreateLink(folder + "/root/to-folder", "inside");
        outer.Files.CreateLink(folder + "/root/to-outside", "../root-neighbour/file");
        outer.Files.CreateLink(folder + "/root/to-outside-folder", "../outside");

        var remoteRoot = outer.Server.Server.RemoteRoot.TrimEnd('/') + folder + "/root";
        var connector = outer.Server.CreateConnector(settings => settings with { Root = remoteRoot, Symlinks = policy });
        var room = new ContractRoom(outer.Server, connector, await connector.OpenAsync(CancellationToken.None), outer.Folder);
        return (Keep(room), RemotePath.Root);
    }
}
