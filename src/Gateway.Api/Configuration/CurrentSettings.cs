namespace Gateway.Api.Configuration;

/// <summary>The settings in force. They change while the gateway runs; a request that needs several values takes <see cref="Value"/> once.</summary>
/// <param name="initial">The settings at the start.</param>
internal sealed class CurrentSettings(GatewaySettings initial)
{
    private volatile GatewaySettings _value = initial;

    /// <summary>The settings in force.</summary>
    public GatewaySettings Value => _value;

    /// <summary>Puts settings in force.</summary>
    public void Replace(GatewaySettings settings) => _value = settings;
}
