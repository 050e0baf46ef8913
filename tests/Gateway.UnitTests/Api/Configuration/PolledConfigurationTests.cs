using System.Runtime.InteropServices;
using Gateway.Api.Configuration;
using Gateway.Testing;

namespace Gateway.UnitTests.Api.Configuration;

public sealed class PolledConfigurationTests
{
    private static readonly string[] s_keys = [.. Enumerable.Range(0, 20).Select(i => "Key" + i)];

    [Fact]
    public void Each_file_of_the_folder_is_a_key_and_its_text_the_value()
    {
        using var folder = new TempFolder();
        folder.CreateFolder("..data");
        folder.WriteSecret("Gateway__Backends__one__Password", "secret\n");
        folder.WriteSecret("Gateway:Backends:two:Password", "other");
        folder.WriteSecret(".hidden", "x");
        var provider = new SecretDirectoryConfigurationProvider(folder.Path);

        provider.Load();

        Assert.True(provider.TryGet("gateway:backends:one:password", out var one));
        Assert.Equal("secret", one);
        Assert.True(provider.TryGet("Gateway:Backends:two:Password", out var two));
        Assert.Equal("other", two);
        Assert.False(provider.TryGet(".hidden", out _));
    }

    [Fact]
    public void A_rotated_secret_is_noticed_once()
    {
        using var folder = new TempFolder();
        folder.WriteSecret("Key", "one");
        var provider = new SecretDirectoryConfigurationProvider(folder.Path);
        provider.Load();

        Assert.False(provider.ReloadIfChanged());
        folder.WriteSecret("Key", "two");
        Assert.True(provider.ReloadIfChanged());
        Assert.False(provider.ReloadIfChanged());
        Assert.True(provider.TryGet("Key", out var value));
        Assert.Equal("two", value);
    }

    [Fact]
    public async Task Secrets_that_are_swapped_while_they_are_read_are_of_one_version()
    {
        using var folder = new TempFolder();
        foreach (var version in new[] { "..one", "..two" })
        {
            folder.CreateFolder(version);
            foreach (var key in s_keys)
            {
                folder.WriteSecret($"{version}/{key}", version);
            }
        }

        File.CreateSymbolicLink(folder["..data"], "..one");
        foreach (var key in s_keys)
        {
            File.CreateSymbolicLink(folder[key], "..data/" + key);
        }

        var provider = new SecretDirectoryConfigurationProvider(folder.Path);
        for (var i = 0; i < 200; i++)
        {
            var next = i % 2 == 0 ? "..two" : "..one";
            var swapping = Task.Run(() => Swap(folder, next));
            provider.Load();
            await swapping;
            Assert.Single(s_keys.Select(key => provider.TryGet(key, out var value) ? value : null).Distinct());
        }
    }

    [Fact]
    public void A_folder_that_is_not_there_has_no_secrets()
    {
        using var folder = new TempFolder();
        var provider = new SecretDirectoryConfigurationProvider(folder["missing"]);
        provider.Load();
        Assert.Empty(provider.GetChildKeys([], null));
    }

    [Fact]
    public void A_file_that_breaks_keeps_what_it_said_before()
    {
        using var folder = new TempFolder();
        var path = folder.Write("gateway.json", """{ "a": { "b": 1 } }""");
        var provider = new JsonFileConfigurationProvider(path);
        provider.Load();

        folder.Write("gateway.json", """{ "a": { "b": """);
        Assert.Throws<InvalidConfigurationException>(() => provider.ReloadIfChanged());
        Assert.True(provider.TryGet("a:b", out var value));
        Assert.Equal("1", value);
        folder.Write("gateway.json", """{ "a": { "b": 2 } }""");
        Assert.True(provider.ReloadIfChanged());
    }

    private static void Swap(TempFolder folder, string version)
    {
        File.CreateSymbolicLink(folder["..next"], version);
        Assert.Equal(0, Rename(folder["..next"], folder["..data"]));
    }

    [DllImport("libc", EntryPoint = "rename", CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Rename(string from, string to);
}
