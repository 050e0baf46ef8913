using Gateway.Api.Configuration;
using Gateway.Broker.Backends;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.Api.Configuration;

public sealed class IdentitySettingsReaderTests
{
    private const string Hash = "hmac-sha256.AAECAwQF.AAECAwQFBgcICQoLDA0ODw.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    [Theory]
    [InlineData("Identity:ApiKeys:app:Hash", "x", "Not a hash of a key; write what 'dotnet Gateway.Api.dll keys new NAME' prints: the hash, never the key itself.")]
    [InlineData("Identity:ApiKeys:app:Hash", null, "Missing; write what 'dotnet Gateway.Api.dll keys new NAME' prints: the hash, never the key itself.")]
    [InlineData("Identity:ApiKeys:app:Grants:0", "reprots", "There is no grant of that name under Gateway:Grants.")]
    [InlineData("Identity:ApiKeys:other:Hash", Hash, "This is the key of app, too; make each its own.")]
    [InlineData("Identity:Jwt:Authority", "http://login.example.com", "Write an https:// URL without user, query and fragment: whoever can change the keys on their way can forge any token.")]
    [InlineData("Identity:Jwt:Authority", "https://user:pass@login.example.com", "Write an https:// URL without user, query and fragment: whoever can change the keys on their way can forge any token.")]
    [InlineData("Identity:Jwt:Audience", "", "Missing; write the audience that tokens for this gateway name.")]
    [InlineData("Identity:Jwt:GrantsClaim", " ", "Missing; write the claim that holds names of grants, such as roles or scope.")]
    [InlineData("Grants:g:0:Backend", null, "Missing; write the name of a backend, or * for every one.")]
    [InlineData("Grants:g:0:Backend", "fils", "There is no backend of that name under Gateway:Backends; did you mean files?")]
    [InlineData("Grants:g:0:Path", "reports", "Write a pattern that starts with a slash, such as /reports/**.")]
    [InlineData("Grants:g:0:Path", "/reports/", "The pattern has an empty segment, or ends with a slash; write /reports/** for what is in a folder.")]
    [InlineData("Grants:g:0:Allow:0", null, "Missing; write a list of list, read, write, delete, admin.")]
    public void An_error_names_its_key_and_what_to_write_instead(string key, string? value, string message)
    {
        var (_, errors) = Read((key, value));

        Assert.Contains(errors, error => ("Gateway:" + key).StartsWith(error.Key, StringComparison.OrdinalIgnoreCase) && error.Message == message);
    }

    [Fact]
    public void Rights_are_those_of_the_grants_of_the_key_and_no_others()
    {
        var (settings, errors) = Read(("Grants:other:0:Backend", "*"), ("Grants:other:0:Path", "/**"), ("Grants:other:0:Allow:0", "delete"));

        Assert.Empty(errors);
        var rights = Assert.Single(settings.ApiKeys).Rights;
        var report = RemotePath.Parse("/reports/a");
        Assert.True(rights.Allows("files", report, GrantVerb.Read));
        Assert.False(rights.Allows("files", report, GrantVerb.Delete));
        Assert.False(rights.Allows("files", RemotePath.Parse("/reports"), GrantVerb.Read));
        Assert.False(rights.Allows("other", report, GrantVerb.Read));
        Assert.False(rights.Sees("other"));
        Assert.False(rights.IsAdministrator);
        Assert.True(settings.LetsAnybodyIn);
    }

    [Fact]
    public void A_folder_on_the_way_to_what_may_be_listed_may_be_listed()
    {
        var rights = Read().Settings.Grants.RightsOf(["G"]);

        Assert.True(rights.Allows("files", RemotePath.Root, GrantVerb.List));
        Assert.True(rights.Allows("files", RemotePath.Parse("/reports"), GrantVerb.List));
        Assert.False(rights.Allows("files", RemotePath.Root, GrantVerb.Read));
        Assert.False(rights.Allows("files", RemotePath.Parse("/other"), GrantVerb.List));
        Assert.True(rights.AllowsWithin("files", RemotePath.Root, GrantVerb.Read));
        Assert.False(rights.AllowsWithin("files", RemotePath.Root, GrantVerb.Write));
    }

    [Fact]
    public void Grants_that_nobody_configured_give_nothing() => Assert.False(Read().Settings.Grants.RightsOf(["nothing", ""]).Sees("files"));

    private static (IdentitySettings Settings, IReadOnlyList<ConfigurationError> Errors) Read(params (string Key, string? Value)[] changes)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Identity:ApiKeys:app:Hash"] = Hash,
            ["Identity:ApiKeys:app:Grants:0"] = "g",
            ["Identity:Jwt:Authority"] = "https://login.example.com",
            ["Identity:Jwt:Audience"] = "gateway",
            ["Grants:g:0:Backend"] = "files",
            ["Grants:g:0:Path"] = "/reports/**",
            ["Grants:g:0:Allow:0"] = "read",
            ["Grants:g:0:Allow:1"] = "list",
        };
        foreach (var (key, value) in changes)
        {
            keys[key] = value;
            if (value is null)
            {
                keys.Remove(key);
                if (key.EndsWith("Allow:0", StringComparison.Ordinal))
                {
                    keys.Remove("Grants:g:0:Allow:1");
                }

                if (key.EndsWith("Hash", StringComparison.Ordinal))
                {
                    keys["Identity:ApiKeys:app:Expires"] = "2027-01-31";
                }
            }
        }

        var errors = new ConfigurationErrors();
        var options = new GatewayOptions();
        var root = new ConfigurationBuilder().AddInMemoryCollection(keys.Select(pair => KeyValuePair.Create("Gateway:" + pair.Key, pair.Value))).Build();
        new StrictBinder(errors, static _ => false).Bind(root.GetSection("Gateway"), options);
        return (new IdentitySettingsReader(options, "Gateway", ["files", "other"], errors).Read(), errors.Items);
    }
}
