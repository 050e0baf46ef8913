using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes.Memory;

/// <summary>The protocol <c>memory</c>: each backend of the configuration is the <see cref="MemoryBackend"/> of its name.</summary>
/// <param name="backends">The backends by name; others start empty.</param>
public sealed class MemoryDriver(IReadOnlyDictionary<string, MemoryBackend> backends) : IBackendDriver
{
    /// <inheritdoc/>
    public string Protocol => "memory";

    /// <inheritdoc/>
    public string Section => "Memory";

    /// <inheritdoc/>
    public object CreateOptions() => new MemoryOptions();

    /// <inheritdoc/>
    public int GetDefaultPort(object options) => 1;

    /// <inheritdoc/>
    public void Validate(BackendSettings settings, object options, Action<string, string> report)
    {
        if (((MemoryOptions)options).Token is "wrong")
        {
            report("Memory:Token", "Write another token.");
        }
    }

    /// <inheritdoc/>
    public IBackendConnector CreateConnector(BackendSettings settings, object options) =>
        new MemoryConnector(backends.GetValueOrDefault(settings.Name) ?? new MemoryBackend());
}
