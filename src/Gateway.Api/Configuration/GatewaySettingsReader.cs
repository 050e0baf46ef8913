using System.Net;
using Gateway.Api.Limits;
using Gateway.Api.Links;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Configuration;

/// <summary>Reads and judges the <c>Gateway</c> section.</summary>
/// <param name="configuration">All configuration.</param>
/// <param name="drivers">The protocols that this gateway speaks.</param>
internal sealed class GatewaySettingsReader(IConfiguration configuration, IEnumerable<IBackendDriver> drivers)
{
    private readonly IBackendDriver[] _drivers = [.. drivers];

    private IConfigurationSection Section => configuration.GetSection("Gateway");

    private IEnumerable<IConfigurationSection> BackendSections => Section.GetSection(nameof(GatewayOptions.Backends)).GetChildren();

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="InvalidConfigurationException">It is not valid; names everything that is wrong.</exception>
    public GatewaySettings Read()
    {
        var errors = new ConfigurationErrors();
        var binder = new StrictBinder(errors, IsSecret);

        var options = new GatewayOptions();
        binder.Bind(Section, options, nameof(GatewayOptions.Backends));
        GatewayOptionsValidator.Validate(options, Section.Path, errors);
        var identity = new IdentitySettingsReader(options, Section.Path, [.. BackendSections.Select(NameOf)], errors).Read();

        var links = LinkSettingsReader.Read(options.Links, $"{Section.Path}:{nameof(GatewayOptions.Links)}", errors);
        var backends = ReadBackends(binder, errors);
        return errors.IsEmpty
            ? new GatewaySettings
            {
                Backends = backends,
                Identity = identity,
                Links = links,
                CorsOrigins = options.Cors.Origins,
                KnownProxies = [.. options.Proxies.Known.Select(GatewayOptionsValidator.ParseNetwork).OfType<IPNetwork>()],
                Limits = new LimitSettings(
                    options.Limits.RequestsPerMinute, options.Limits.ConcurrentTransfers, options.Limits.BytesPerSecond,
                    options.Limits.MaxTransfers, options.Limits.MaxIdleConnections),
                ManagementPort = options.Management.Port,
                ShutdownTimeout = options.ShutdownTimeout,
            }
            : throw new InvalidConfigurationException(errors.Items);
    }

    /// <summary>One text that differs whenever anything differs, files that hold secrets included.</summary>
    public string Fingerprint() => BackendFingerprint.Compute(Section);

    // Keys of configuration know no case, and an environment variable may be written in capitals; names in URLs are lower case.
    private static string NameOf(IConfigurationSection section) => section.Key.ToLowerInvariant();

    private bool IsSecret(string key) =>
        configuration is IConfigurationRoot root
        && root.Providers.OfType<SecretDirectoryConfigurationProvider>().Any(provider => provider.TryGet(key, out _));

    private Dictionary<string, ConfiguredBackend> ReadBackends(StrictBinder binder, ConfigurationErrors errors)
    {
        var backends = new Dictionary<string, ConfiguredBackend>(StringComparer.Ordinal);
        foreach (var section in BackendSections)
        {
            if (ReadBackend(section, binder, errors) is { } backend)
            {
                backends[backend.Name] = backend;
            }
        }

        return backends;
    }

    private ConfiguredBackend? ReadBackend(IConfigurationSection section, StrictBinder binder, ConfigurationErrors errors)
    {
        var name = NameOf(section);
        if (!BackendOptionsValidator.IsName(name))
        {
            errors.Add(section.Path, "A backend's name is 1 to 63 letters (a-z), digits and hyphens, and starts with a letter or digit.");
        }

        var options = new BackendOptions();
        binder.Bind(section, options, [.. _drivers.Select(driver => driver.Section)]);
        var password = BackendOptionsValidator.Validate(options, section.Path, errors);

        if (ChooseDriver(options, section, errors) is not { } driver)
        {
            return null;
        }

        var driverOptions = driver.CreateOptions();
        binder.Bind(section.GetSection(driver.Section), driverOptions);

        var settings = CreateSettings(name, options, password, options.Port ?? driver.GetDefaultPort(driverOptions));
        driver.Validate(settings, driverOptions, (key, message) => AddOnce(errors, $"{section.Path}:{key}", message));
        if (!errors.IsEmpty)
        {
            return null;
        }

        return new ConfiguredBackend
        {
            Definition = new BackendDefinition
            {
                Name = name,
                Protocol = driver.Protocol,
                Host = settings.Host,
                Port = settings.Port,
                Identity = BackendFingerprint.Compute(section),
                Connector = driver.CreateConnector(settings, driverOptions),
                Pool = options.Pool,
                ConnectionsPerTransfer = options.Transfers.ConnectionsPerTransfer,
            },
            ReadOnly = options.ReadOnly,
            StallTimeout = options.Transfers.StallTimeout,
            MaxUploadBytes = options.Transfers.MaxUploadBytes,
            CacheDuration = options.Listing.CacheDuration,
        };
    }

    private IBackendDriver? ChooseDriver(BackendOptions options, IConfigurationSection section, ConfigurationErrors errors)
    {
        var key = $"{section.Path}:{nameof(BackendOptions.Protocol)}";
        var known = string.Join(" or ", _drivers.Select(d => d.Protocol));
        var driver = Array.Find(_drivers, d => string.Equals(d.Protocol, options.Protocol, StringComparison.OrdinalIgnoreCase));
        if (driver is null)
        {
            AddOnce(errors, key, options.Protocol is null ? $"Missing; write {known}." : $"Not a protocol of this gateway; write {known}.");
            return null;
        }

        foreach (var other in _drivers)
        {
            if (other != driver && section.GetSection(other.Section).Exists()
                && !string.Equals(other.Section, driver.Section, StringComparison.OrdinalIgnoreCase))
            {
                errors.Add($"{section.Path}:{other.Section}", $"This section belongs to the protocol {other.Protocol}, but {key} is {driver.Protocol}; remove one.");
            }
        }

        return driver;
    }

    private static BackendSettings CreateSettings(string name, BackendOptions options, Secret? password, int port) => new()
    {
        Name = name,
        Host = options.Host ?? "",
        Port = port,
        Username = options.Username ?? "",
        Password = password,
        Root = options.Root,
        Symlinks = options.Symlinks,
        ConnectTimeout = options.Pool.ConnectTimeout,
        OperationTimeout = options.Transfers.OperationTimeout,
        StallTimeout = options.Transfers.StallTimeout,
    };

    private static void AddOnce(ConfigurationErrors errors, string key, string message)
    {
        if (!errors.Has(key))
        {
            errors.Add(key, message);
        }
    }
}
