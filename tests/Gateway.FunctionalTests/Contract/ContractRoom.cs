using System.Buffers;
using Gateway.Broker.Backends;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Contract;

/// <summary>One connection and one folder of a server: where a test of the contract takes place.</summary>
public sealed class ContractRoom : IAsyncDisposable
{
    internal ContractRoom(ContractServer server, IBackendConnector connector, BackendConnection connection, RemotePath folder)
    {
        Server = server;
        Connector = connector;
        Connection = connection;
        Folder = folder;
    }

    /// <summary>The set-up.</summary>
    public ContractServer Server { get; }

    /// <summary>The connector that opened <see cref="Connection"/>.</summary>
    public IBackendConnector Connector { get; }

    /// <summary>The connection under test.</summary>
    public BackendConnection Connection { get; }

    /// <summary>The folder, empty at first.</summary>
    public RemotePath Folder { get; }

    /// <summary>The server's own view.</summary>
    public ServerFiles Files => Server.Server.Files;

    /// <summary>The path of a name in the folder; the name may have several segments.</summary>
    public RemotePath this[string name] => RemotePath.Parse(Folder.Value + "/" + name);

    /// <summary>Lays a file into the folder, from the server's side.</summary>
    public RemotePath Put(string name, ReadOnlySpan<byte> content)
    {
        Files.Write(this[name].Value, content);
        return this[name];
    }

    /// <summary>Lays a file of zeros that takes no space on disk.</summary>
    public RemotePath PutSparse(string name, long length)
    {
        Files.Write(this[name].Value, []);
        using var stream = new FileStream(Files.Locate(this[name].Value), FileMode.Open, FileAccess.Write);
        stream.SetLength(length);
        return this[name];
    }

    /// <summary>Lists to the end.</summary>
    public async Task<List<RemoteEntry>> ListAsync(RemotePath? path = null)
    {
        var entries = new List<RemoteEntry>();
        await foreach (var entry in Connection.ListAsync(path ?? Folder, CancellationToken.None))
        {
            entries.Add(entry);
        }

        return entries;
    }

    /// <summary>Downloads a whole file.</summary>
    public Task<byte[]> DownloadAsync(RemotePath path) => DownloadAsync(Connection, path);

    /// <summary>Downloads a whole file on another connection.</summary>
    public static async Task<byte[]> DownloadAsync(BackendConnection connection, RemotePath path)
    {
        await using var stream = await connection.OpenReadAsync(path, CancellationToken.None);
        return await ReadToEndAsync(stream);
    }

    /// <summary>Reads the selected range to its end.</summary>
    public static async Task<byte[]> ReadToEndAsync(RemoteReadStream stream, int? bufferSize = null)
    {
        using var content = new MemoryStream();
        var buffer = new byte[bufferSize ?? stream.PreferredReadSize];
        int count;
        while ((count = await stream.ReadAsync(buffer, CancellationToken.None)) > 0)
        {
            content.Write(buffer, 0, count);
        }

        return content.ToArray();
    }

    /// <summary>Uploads and commits.</summary>
    public Task<CommitResult> UploadAsync(RemotePath path, byte[] content, WriteOptions? options = null) =>
        UploadAsync(Connection, path, content, options);

    /// <summary>Uploads and commits on another connection.</summary>
    public static async Task<CommitResult> UploadAsync(BackendConnection connection, RemotePath path, byte[] content, WriteOptions? options = null)
    {
        await using var stream = await connection.OpenWriteAsync(path, options ?? new WriteOptions(), CancellationToken.None);
        await WriteAsync(stream, content);
        return await stream.CommitAsync(CancellationToken.None);
    }

    /// <summary>Writes in pieces of awkward sizes.</summary>
    public static async Task WriteAsync(RemoteWriteStream stream, byte[] content)
    {
        const int Piece = 100_001;
        for (var position = 0; position < content.Length; position += Piece)
        {
            var piece = content.AsMemory(position, Math.Min(Piece, content.Length - position));
            await stream.WriteAsync(new ReadOnlySequence<byte>(piece), CancellationToken.None);
        }
    }

    /// <summary>The connection still does its work: what it answers is the answer to what it was asked.</summary>
    public async Task AssertUsableAsync()
    {
        Assert.False(Connection.IsBroken);
        var path = Put("still-usable", "still usable"u8);
        await Connection.ProbeAsync(CancellationToken.None);
        Assert.Equal("still usable"u8.ToArray(), await DownloadAsync(path));
        Assert.Contains(await ListAsync(), entry => entry.Name == "still-usable" && entry.Size == 12);
        File.Delete(Files.Locate(path.Value));
    }

    /// <summary>After a cancelled operation a connection is as good as new, or broken; never out of step.</summary>
    public async Task AssertUsableOrBrokenAsync()
    {
        if (Connection.IsBroken)
        {
            Assert.IsType<BackendException>(await Connection.Broken);
            await FailsOnceBrokenAsync();
            return;
        }

        try
        {
            await AssertUsableAsync();
        }
        catch (BackendException) when (Connection.IsBroken)
        {
            // It broke as it was found out of order: honest, and the pool replaces it.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private async Task FailsOnceBrokenAsync() =>
        await Assert.ThrowsAsync<BackendException>(() => Connection.ProbeAsync(CancellationToken.None).AsTask());
}
