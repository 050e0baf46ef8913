using Gateway.FunctionalTests.Contract;
using Gateway.Testing.Gateways;

namespace Gateway.FunctionalTests.EndToEnd;

/// <summary>One gateway in front of every server of the contract suite.</summary>
public sealed class RealServersGateway : IAsyncLifetime
{
    /// <summary>The gateway.</summary>
    public GatewayHost Gateway { get; private set; } = null!;

    /// <summary>Its client.</summary>
    public HttpClient Client => Gateway.Client;

    /// <summary>A backend's name: that of the set-up, without what a name may not hold.</summary>
    public static string NameOf(string setUp) => setUp.Replace(".", "", StringComparison.Ordinal);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        var keys = new List<KeyValuePair<string, string?>>();
        foreach (var setUp in ContractServer.GetNames())
        {
            keys.AddRange((await ContractServer.GetSharedAsync(setUp)).CreateConfiguration(NameOf(setUp)));
        }

        Gateway = await GatewayHost.StartAsync(keys);
        await Gateway.WaitUntilReadyAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync() => await Gateway.DisposeAsync();
}
