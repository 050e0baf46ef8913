namespace Gateway.Testing.Servers;

/// <summary>The served folder from the server's own side. Paths are those of clients: <c>/</c> is the folder itself.</summary>
public sealed class ServerFiles : IDisposable
{
    private readonly SystemAccount _account;
    private readonly TempFolder? _owned;

    internal ServerFiles(SystemAccount account, string root, TempFolder? owned = null)
    {
        _account = account;
        _owned = owned;
        Root = root;
        account.Own(root);
    }

    /// <summary>The folder on this machine's disk.</summary>
    public string Root { get; }

    /// <summary>Where a path is on this machine's disk.</summary>
    public string Locate(string path) => Root + (path.StartsWith('/') ? path : "/" + path);

    /// <summary>Writes a file, owned by the account; its folders are made where missing.</summary>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        CreateFolder(path[..Math.Max(path.LastIndexOf('/'), 0)]);
        using (var stream = File.Create(Locate(path)))
        {
            stream.Write(content);
        }

        _account.Own(Locate(path));
    }

    /// <summary>Makes a folder with its parents, owned by the account.</summary>
    public void CreateFolder(string path)
    {
        var made = "";
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            made += "/" + name;
            if (!Directory.Exists(Locate(made)))
            {
                Directory.CreateDirectory(Locate(made));
                _account.Own(Locate(made));
            }
        }
    }

    /// <summary>Makes a symbolic link.</summary>
    /// <param name="path">The link.</param>
    /// <param name="target">Its text, taken as it is.</param>
    public void CreateLink(string path, string target)
    {
        CreateFolder(path[..Math.Max(path.LastIndexOf('/'), 0)]);
        File.CreateSymbolicLink(Locate(path), target);
        _account.Own(Locate(path));
    }

    /// <summary>Sets permission bits.</summary>
    public void SetMode(string path, UnixFileMode mode) => File.SetUnixFileMode(Locate(path), mode);

    /// <summary>Sets the modification time.</summary>
    public void SetModified(string path, DateTimeOffset modified) => File.SetLastWriteTimeUtc(Locate(path), modified.UtcDateTime);

    /// <summary>The modification time.</summary>
    public DateTimeOffset GetModified(string path) => new(File.GetLastWriteTimeUtc(Locate(path)));

    /// <summary>The content of a file.</summary>
    public byte[] Read(string path) => File.ReadAllBytes(Locate(path));

    /// <summary>Whether anything has the name; a dangling link has.</summary>
    public bool Exists(string path) => Path.Exists(Locate(path)) || new FileInfo(Locate(path)).LinkTarget is not null;

    /// <summary>The names in a folder, hidden ones too.</summary>
    public IReadOnlyList<string> List(string path) =>
        [.. new DirectoryInfo(Locate(path)).EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();
}
