namespace Gateway.Testing.Servers;

/// <summary>
/// The server programs: installed where Debian's packages get along, unpacked into a cache folder where they do not.
/// <c>tests/servers.sh</c> does the work; it is quick when everything is there.
/// </summary>
public static class ServerPackages
{
    private static readonly Dictionary<string, Task> Ready = new(StringComparer.Ordinal);

    /// <summary>The cache folder, as <c>tests/servers.sh</c> chooses it.</summary>
    public static string Cache { get; } = GetCache();

    /// <summary>Makes one server's programs available.</summary>
    /// <param name="name">A name that <c>tests/servers.sh</c> knows.</param>
    public static Task EnsureAsync(string name)
    {
        lock (Ready)
        {
            if (!Ready.TryGetValue(name, out var ready))
            {
                Ready[name] = ready = Command.RunAsync("bash", [GetScript(), name]);
            }

            return ready;
        }
    }

    /// <summary>A file of an unpacked server.</summary>
    public static string GetFile(string name, string path) => Path.Combine(Cache, name, path);

    /// <summary>The environment in which an unpacked server finds its libraries.</summary>
    public static IReadOnlyDictionary<string, string> GetEnvironment(string name)
    {
        string[] folders = [.. GetLibraryFolders(name, "usr/lib"), .. GetLibraryFolders(name, "lib")];
        return new Dictionary<string, string>(StringComparer.Ordinal) { ["LD_LIBRARY_PATH"] = string.Join(':', folders) };
    }

    private static string[] GetLibraryFolders(string name, string parent) =>
        Directory.Exists(GetFile(name, parent)) ? Directory.GetDirectories(GetFile(name, parent), "*-linux-gnu*") : [];

    private static string GetCache()
    {
        if (Environment.GetEnvironmentVariable("GATEWAY_TEST_CACHE") is { Length: > 0 } chosen)
        {
            return chosen;
        }

        return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
            ? Path.Combine(cache, "gateway-tests")
            : Path.Combine(Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : "/root", ".cache/gateway-tests");
    }

    private static string GetScript() => Path.Combine(Repository.Root, "tests", "servers.sh");
}
