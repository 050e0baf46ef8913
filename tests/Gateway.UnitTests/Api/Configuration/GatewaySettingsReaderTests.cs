using Gateway.Api.Configuration;
using Gateway.Api.Links;
using Gateway.Broker.Backends;
using Gateway.Testing;
using Gateway.Testing.Fakes.Memory;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.Api.Configuration;

public sealed class GatewaySettingsReaderTests
{
    private const string Secret = "correct-horse-battery-staple";

    [Fact]
    public void A_complete_backend_is_read_with_the_defaults_of_everything_else()
    {
        var backend = Read().Backends["one"];

        Assert.Equal("memory", backend.Protocol);
        Assert.False(backend.ReadOnly);
        Assert.Equal(TimeSpan.FromMinutes(1), backend.StallTimeout);
        Assert.Null(backend.MaxUploadBytes);
        Assert.Equal(TimeSpan.FromSeconds(2), backend.CacheDuration);
        Assert.Equal(8, backend.Definition.Pool.MaxConnections);
        Assert.Equal(8, backend.Definition.ConnectionsPerTransfer);
    }

    [Fact]
    public void Keys_know_no_case_and_null_means_absent()
    {
        var backend = Read(
            ("gateway:backends:ONE:readonly", "TRUE"), ("Gateway:Backends:one:Transfers:MaxUploadBytes", null),
            ("Gateway:Backends:one:Pool:maxconnections", "3"), ("Gateway:Backends:one:Symlinks", "WITHIN-ROOT")).Backends["one"];

        Assert.True(backend.ReadOnly);
        Assert.Null(backend.MaxUploadBytes);
        Assert.Equal(3, backend.Definition.Pool.MaxConnections);
    }

    [Fact]
    public void The_JSON_of_the_manual_is_understood()
    {
        using var folder = new TempFolder();
        var (key, previous) = (folder.WriteSecret("key", LinkKey.Create()), folder.WriteSecret("previous", LinkKey.Create()));
        var path = folder.Write("gateway.json", $$"""
            { "Gateway": {
                "Backends": { "one": {
                  "Protocol": "memory", "Host": "h", "Port": 22, "Username": "u", "Root": "/inbox", "ReadOnly": false,
                  "Memory": { "Token": "t", "Names": ["a", "b"] },
                  "Pool": { "MinConnections": 1, "MaxConnections": 8, "LeasesPerConnection": 16, "AcquireTimeout": "00:00:10", "MaxWaiting": 256,
                    "IdleTimeout": "00:05:00", "MaxLifetime": "01:00:00", "ProbeInterval": "00:00:30", "ConnectTimeout": "00:00:15",
                    "MaxConcurrentHandshakes": 3 },
                  "Transfers": { "OperationTimeout": "00:00:30", "StallTimeout": "00:01:00", "ConnectionsPerTransfer": 8, "MaxUploadBytes": null },
                  "Listing": { "CacheDuration": "00:00:02" }, // a comment
                  "Symlinks": "within-root" } },
                "Identity": { "Anonymous": false,
                  "ApiKeys": { "NAME": { "Hash": "hmac-sha256.AAECAwQF.AAECAwQFBgcICQoLDA0ODw.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "Expires": "2027-01-31", "Grants": ["GRANT"] } },
                  "Jwt": { "Authority": "https://login.example.com", "Audience": "gateway", "GrantsClaim": "roles", "Algorithms": ["RS256", "ES256"] } },
                "Grants": { "GRANT": [ { "Backend": "one", "Path": "/reports/**", "Allow": ["list", "read"] } ] },
                "Links": { "KeyFile": "{{key}}", "PreviousKeyFile": "{{previous}}", "MaxLifetime": "7.00:00:00" },
                "Limits": { "RequestsPerMinute": null, "ConcurrentTransfers": null, "BytesPerSecond": null },
                "Management": { "Port": null },
                "Cors": { "Origins": [] }, "Proxies": { "Known": ["10.0.0.0/8", "::1"] } } }
            """);
        var configuration = new ConfigurationBuilder().AddJsonFile(path).Build();

        var settings = new GatewaySettingsReader(configuration, [Driver()]).Read();

        Assert.Equal(["one"], settings.Backends.Keys);
        Assert.Equal(2, settings.KnownProxies.Count);
        Assert.Equal(new DateOnly(2027, 1, 31), Assert.Single(settings.Identity.ApiKeys).Expires);
        Assert.Equal("https://login.example.com", settings.Identity.Jwt?.Authority);
    }

    [Fact]
    public void No_backend_at_all_is_allowed() =>
        Assert.Empty(new GatewaySettingsReader(new ConfigurationBuilder().Build(), [Driver()]).Read().Backends);

    [Theory]
    [InlineData("Gateway:Backends:one:Host", null, "Missing; write the name or address of the server.")]
    [InlineData("Gateway:Backends:one:Username", " ", "Missing; write the account's name.")]
    [InlineData("Gateway:Backends:one:Username", "a\r\nDELE b", "It has a control character; remove it.")]
    [InlineData("Gateway:Backends:one:Transfers:ConnectionsPerTransfer", "0", "It is 0; write a number from 1 to 64.")]
    [InlineData("Gateway:Backends:one:Port", "22x", "\"22x\" is not a whole number.")]
    [InlineData("Gateway:Backends:one:Port", "0", "It is 0; write a number from 1 to 65535.")]
    [InlineData("Gateway:Backends:one:Port", "65536", "It is 65536; write a number from 1 to 65535.")]
    [InlineData("Gateway:Backends:one:ReadOnly", "yes", "\"yes\" is not true or false.")]
    [InlineData("Gateway:Backends:one:Root", "inbox", "Write an absolute path on the server, such as /inbox, or leave it out for the login folder.")]
    [InlineData("Gateway:Backends:one:Root", "/in/../box", "The path has a '.' or '..' segment; write the path in full.")]
    [InlineData("Gateway:Backends:one:Symlinks", "never", "\"never\" is not one of within-root, follow, refuse.")]
    [InlineData("Gateway:Backends:one:Pool:AcquireTimeout", "15", "\"15\" is not a time; write hours:minutes:seconds, such as 00:00:30.")]
    [InlineData("Gateway:Backends:one:Pool:AcquireTimeout", "00:00:00", "It is 00:00:00; write a time above 00:00:00, of at most 1.00:00:00.")]
    [InlineData("Gateway:Backends:one:Pool:MinConnections", "9", "It is 9, more than MaxConnections (8); lower one or raise the other.")]
    [InlineData("Gateway:Backends:one:Pool:MaxConnections", "0", "It is 0; write a number from 1 to 1000.")]
    [InlineData("Gateway:Backends:one:Pool", "8", "This is a section with keys of its own, not a single value.")]
    [InlineData("Gateway:Backends:one:Port:Number", "22", "This is a single value, not a section or a list.")]
    [InlineData("Gateway:Backends:one:Transfers:MaxUploadBytes", "-1", "Write a number of bytes of at least 0, or null for no limit.")]
    [InlineData("Gateway:Backends:one:Memory:Token", "wrong", "Write another token.")]
    [InlineData("Gateway:Backends:one:Memory:Tokn", "x", "Unknown key; did you mean Token?")]
    [InlineData("Gateway:Backends:one:Memory:Names", "x", "This is a list: write [ … ] in JSON, or Names__0, Names__1 … as environment variables.")]
    [InlineData("Gateway:Backends:one:Memory:Names:first", "x", "This is a list: its keys are 0, 1, 2 …")]
    [InlineData("Gateway:Backends:one:Prot", "sftp", "Unknown key; did you mean Protocol?")]
    [InlineData("Gateway:Backends:one:Zzz", "x", "Unknown key; known here are Host, Listing, Memory, Password, PasswordFile, Pool, Port, Protocol, ReadOnly, Root, Symlinks, Transfers, Username.")]
    [InlineData("Gateway:Backends:one:Protocol", "gopher", "Not a protocol of this gateway; write memory.")]
    [InlineData("Gateway:Backends:one:Protocol", null, "Missing; write memory.")]
    [InlineData("Gateway:Backends:-x:Protocol", "memory", "A backend's name is 1 to 63 letters (a-z), digits and hyphens, and starts with a letter or digit.")]
    [InlineData("Gateway:Backend:one:Host", "x", "Unknown key; did you mean Backends?")]
    [InlineData("Gateway:Identity:Jwt:Authority", "login", "\"login\" is not a URL; write it in full, such as https://login.example.com.")]
    [InlineData("Gateway:Identity:Jwt:Algorithms:0", "HS256", "Not accepted; write one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512.")]
    [InlineData("Gateway:Identity:ApiKeys:app:Expires", "31.1.2027", "\"31.1.2027\" is not a date; write it as 2027-01-31.")]
    [InlineData("Gateway:Grants:g:0:Allow:0", "everything", "\"everything\" is not one of list, read, write, delete, admin.")]
    [InlineData("Gateway:Management:Port", "70000", "It is 70000; write a number from 1 to 65535.")]
    [InlineData("Gateway:Cors:Origins:0", "https://app.example.com/path", "Not an origin; write scheme, host and port without a path, such as https://app.example.com, or *.")]
    [InlineData("Gateway:Proxies:Known:0", "proxy.example.com", "Not an address or network; write 10.0.0.7 or 10.0.0.0/8.")]
    [InlineData("Gateway:ShutdownTimeout", "-00:00:01", "Write a time of 00:00:00 to 1.00:00:00, such as 00:05:00.")]
    public void An_error_names_its_key_and_what_to_write_instead(string key, string? value, string message)
    {
        var failure = Assert.Throws<InvalidConfigurationException>(() => Read((key, value)));
        Assert.Contains(failure.Errors, error => string.Equals(error.Key, key, StringComparison.OrdinalIgnoreCase)
            || key.StartsWith(error.Key, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(message, failure.Errors.Select(error => error.Message));
    }

    [Fact]
    public void Every_error_is_told_at_once_and_no_secret_with_it()
    {
        var failure = Assert.Throws<InvalidConfigurationException>(() => Read(
            ("Gateway:Backends:one:Host", null), ("Gateway:Backends:one:Port", "x"), ("Gateway:Backends:one:Password", Secret),
            ("Gateway:Backends:one:PasswordFile", "/nowhere/" + Secret), ("Gateway:Backends:two:Password", Secret), ("Gateway:Nonsense", Secret)));

        Assert.Equal(
            ["Gateway:Backends:one:Host", "Gateway:Backends:one:PasswordFile", "Gateway:Backends:one:Port", "Gateway:Backends:two:Host",
                "Gateway:Backends:two:Protocol", "Gateway:Backends:two:Username", "Gateway:Nonsense"],
            failure.Errors.Select(error => error.Key));
        Assert.DoesNotContain(Secret, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Secret, Secret)]
    [InlineData(Secret + "\n", Secret)]
    [InlineData(Secret + "\r\n", Secret)]
    [InlineData(" with blanks \n", " with blanks ")]
    public void A_password_comes_from_its_file_without_the_line_end(string content, string expected)
    {
        using var folder = new TempFolder();
        var driver = new RecordingDriver();

        Read([("Gateway:Backends:one:PasswordFile", folder.WriteSecret("password", content))], driver);

        Assert.Equal(expected, driver.Settings!.Password!.Reveal());
        Assert.DoesNotContain(expected, driver.Settings.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "The file does not exist.")]
    [InlineData("empty", "The file is empty.")]
    [InlineData("", "The file cannot be read.")]
    public void A_password_file_that_cannot_be_read_is_told_without_its_path(string name, string reason)
    {
        using var folder = new TempFolder();
        folder.WriteSecret("empty", "\n");

        var failure = Assert.Throws<InvalidConfigurationException>(() => Read(("Gateway:Backends:one:PasswordFile", folder[name] + (name.Length == 0 ? "\0" : ""))));

        var error = Assert.Single(failure.Errors);
        Assert.StartsWith(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_identity_of_a_backend_follows_what_makes_its_connections_different_and_nothing_else()
    {
        using var folder = new TempFolder();
        var file = folder.WriteSecret("password", "one");
        var settings = new (string, string?)[] { ("Gateway:Backends:one:PasswordFile", file) };
        var identity = IdentityOf(settings);

        Assert.Equal(identity, IdentityOf(settings));
        Assert.Equal(identity, IdentityOf([.. settings, ("Gateway:Backends:one:ReadOnly", "true")]));
        Assert.Equal(identity, IdentityOf([.. settings, ("Gateway:Backends:one:Pool:MaxConnections", "9")]));
        Assert.Equal(identity, IdentityOf([.. settings, ("Gateway:Backends:one:Listing:CacheDuration", "00:01:00")]));
        Assert.NotEqual(identity, IdentityOf([.. settings, ("Gateway:Backends:one:Pool:ConnectTimeout", "00:00:09")]));
        Assert.NotEqual(identity, IdentityOf([.. settings, ("Gateway:Backends:one:Username", "other")]));
        Assert.NotEqual(identity, IdentityOf([.. settings, ("Gateway:Backends:one:Memory:Token", "other")]));
        folder.WriteSecret("password", "two");
        Assert.NotEqual(identity, IdentityOf(settings));

        static string IdentityOf((string, string?)[] settings) => Read(settings).Backends["one"].Definition.Identity;
    }

    private static MemoryDriver Driver() => new(new Dictionary<string, MemoryBackend>(StringComparer.Ordinal));

    private static GatewaySettings Read(params (string Key, string? Value)[] settings) => Read(settings, Driver());

    private static GatewaySettings Read((string Key, string? Value)[] settings, IBackendDriver driver)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Gateway:Backends:one:Protocol"] = "memory",
            ["Gateway:Backends:one:Host"] = "h",
            ["Gateway:Backends:one:Username"] = "u",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return new GatewaySettingsReader(new ConfigurationBuilder().AddInMemoryCollection(all).Build(), [driver]).Read();
    }

    private sealed class RecordingDriver : IBackendDriver
    {
        private readonly MemoryDriver _inner = Driver();

        public BackendSettings? Settings { get; private set; }

        public string Protocol => _inner.Protocol;

        public string Section => _inner.Section;

        public object CreateOptions() => _inner.CreateOptions();

        public int GetDefaultPort(object options) => _inner.GetDefaultPort(options);

        public void Validate(BackendSettings settings, object options, Action<string, string> report) => Settings = settings;

        public IBackendConnector CreateConnector(BackendSettings settings, object options) => _inner.CreateConnector(settings, options);
    }
}
