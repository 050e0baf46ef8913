using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.Testing;

/// <summary>
/// A folder of its own below /tmp (below /var/lib where every folder on the way must belong to root), removed on dispose.
/// Its name carries the owning process, so that what a killed run left behind is swept by the next one.
/// </summary>
public sealed class TempFolder : IDisposable
{
    private const UnixFileMode Traversable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Creates the folder, mode 0755: other accounts can enter it, so secrets in it need a mode of their own.</summary>
    /// <param name="ownedByRootUpwards">sshd refuses a chroot with a folder on its way that others could write, as /tmp is.</param>
    public TempFolder(bool ownedByRootUpwards = false)
        : this(ownedByRootUpwards ? "/var/lib" : "/tmp")
    {
    }

    private TempFolder(string parent)
    {
        Path = System.IO.Path.Combine(parent, $"gateway-tests-{TestProcess.Mark}-{Random.Shared.Next():x8}");
        Directory.CreateDirectory(Path, Traversable);
        // The umask of the caller may have taken bits away.
        File.SetUnixFileMode(Path, Traversable);
    }

    /// <summary>A folder in memory, where there is room for so many bytes, else on disk.</summary>
    public static TempFolder InMemory(long bytes)
    {
        const string Memory = "/dev/shm";
        return new TempFolder(Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > bytes ? Memory : "/tmp");
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>The path of <paramref name="name"/> in this folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Creates a folder in this one, mode 0755.</summary>
    public string CreateFolder(string name)
    {
        var path = this[name];
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Traversable);
        return path;
    }

    /// <summary>Writes a file that only its owner may read.</summary>
    public string WriteSecret(string name, string content)
    {
        var path = this[name];
        using (var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(content));
        }

        return path;
    }

    /// <summary>Writes a file that everybody may read.</summary>
    public string Write(string name, string content)
    {
        var path = this[name];
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return path;
    }

    /// <summary>Makes <paramref name="link"/> lead to another folder of this one, in one step: as Kubernetes changes a mounted volume.</summary>
    public void SwapLink(string link, string folder)
    {
        var next = this[link + ".next"];
        File.Delete(next);
        File.CreateSymbolicLink(next, this[folder]);
        if (Rename(next, this[link]) != 0)
        {
            throw new IOException($"{link} cannot be replaced: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A server's last process may still be writing its log; the sweep at the end of the run takes what is left.
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Path}");

    // File.Move refuses a link to a folder.
    [DllImport("libc", EntryPoint = "rename", CharSet = CharSet.Ansi, BestFitMapping = false, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Rename(string from, string to);
}
