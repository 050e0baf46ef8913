using System.Globalization;
using System.Runtime.InteropServices;
using Gateway.Testing;

namespace Gateway.FunctionalTests.Secrets;

/// <summary>A folder of secrets as Kubernetes mounts it: each file is a link through <c>..data</c>, and that link is swapped when they change.</summary>
internal sealed class SecretVolume : IDisposable
{
    private readonly TempFolder _folder = new();
    private int _version;

    /// <summary>The mount.</summary>
    public string Path => _folder.Path;

    /// <summary>The path of a secret.</summary>
    public string this[string name] => _folder[name];

    /// <summary>Puts all of them in the place of those before, in one step.</summary>
    public void Write(params (string Name, string Text)[] secrets)
    {
        var version = string.Create(CultureInfo.InvariantCulture, $"..version{++_version}");
        _folder.CreateFolder(version);
        foreach (var (name, text) in secrets)
        {
            _folder.WriteSecret($"{version}/{name}", text);
        }

        File.CreateSymbolicLink(_folder["..data_tmp"], version);
        Assert.Equal(0, Rename(_folder["..data_tmp"], _folder["..data"]));
        foreach (var (name, _) in secrets.Where(secret => !Exists(_folder[secret.Name])))
        {
            File.CreateSymbolicLink(_folder[name], "..data/" + name);
        }

        foreach (var file in Directory.EnumerateFileSystemEntries(_folder.Path).Where(IsStale))
        {
            File.Delete(file);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static bool Exists(string path) => new FileInfo(path).LinkTarget is not null;

    private static bool IsStale(string path) => new FileInfo(path) is { LinkTarget: not null, Name: not "..data" } && !File.Exists(path);

    // File.Move refuses a link to a folder.
    [DllImport("libc", EntryPoint = "rename", CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Rename(string from, string to);
}
