namespace Gateway.Testing.Faults;

/// <summary>The gateway's configuration file as a run changes it: from several sides, one after the other.</summary>
/// <param name="gateway">Whose file it is.</param>
/// <param name="backends">The backends that stay.</param>
internal sealed class FaultConfiguration(FaultGateway gateway, IReadOnlyList<FaultBackend> backends)
{
    /// <summary>The name of a backend that comes and goes.</summary>
    public const string Extra = "extra";

    private readonly Lock _lock = new();
    private bool _hasExtra;

    /// <summary>Writes the file as the backends are now.</summary>
    public void Write(bool? hasExtra = null)
    {
        lock (_lock)
        {
            _hasExtra = hasExtra ?? _hasExtra;
            gateway.Reconfigure(backends.SelectMany(backend => backend.GetConfiguration())
                .Concat(_hasExtra ? backends[0].GetConfiguration(Extra) : []));
        }
    }

    /// <summary>A backend comes, or goes.</summary>
    public void ToggleExtra()
    {
        lock (_lock)
        {
            Write(!_hasExtra);
        }
    }
}
