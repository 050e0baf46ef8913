using Gateway.Api.Configuration;
using Gateway.Testing;

namespace Gateway.UnitTests.Api.Configuration;

public sealed class PolledConfigurationTests
{
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
}
