using Gateway.Api.Configuration;
using Gateway.Api.Links;
using Gateway.Testing;

namespace Gateway.UnitTests.Api.Links;

public sealed class LinkSettingsReaderTests
{
    [Fact]
    public void Two_keys_are_known_while_one_takes_the_place_of_the_other()
    {
        using var folder = new TempFolder();
        var options = new LinkOptions { KeyFile = folder.WriteSecret("now", LinkKey.Create() + "\n"), PreviousKeyFile = folder.WriteSecret("before", LinkKey.Create()) };

        var (settings, errors) = Read(options);

        Assert.Empty(errors);
        Assert.Same(settings!.Key, settings.Find(settings.Key.Id));
        Assert.Same(settings.Previous, settings.Find(settings.Previous!.Id));
        Assert.Null(settings.Find(""));
    }

    [Fact]
    public void Without_a_key_there_are_no_links()
    {
        var (settings, errors) = Read(new LinkOptions());
        Assert.Null(settings);
        Assert.Empty(errors);
    }

    [Fact]
    public void What_is_wrong_is_told_by_its_key_and_never_quoted()
    {
        using var folder = new TempFolder();
        var (settings, errors) = Read(new LinkOptions { KeyFile = folder.WriteSecret("short", "c2hvcnRzZWNyZXQ="), PreviousKeyFile = folder["missing"], MaxLifetime = TimeSpan.FromDays(1000) });

        Assert.Null(settings);
        Assert.Equal(["L:KeyFile", "L:MaxLifetime", "L:PreviousKeyFile"], errors.Select(error => error.Key));
        Assert.DoesNotContain(errors, error => error.Message.Contains("c2hvcn", StringComparison.Ordinal) || error.Message.Contains(folder.Path, StringComparison.Ordinal));
        Assert.Equal("L:KeyFile", Assert.Single(Read(new LinkOptions { PreviousKeyFile = "x" }).Errors).Key);
    }

    private static (LinkSettings? Settings, IReadOnlyList<ConfigurationError> Errors) Read(LinkOptions options)
    {
        var errors = new ConfigurationErrors();
        return (LinkSettingsReader.Read(options, "L", errors), errors.Items);
    }
}
