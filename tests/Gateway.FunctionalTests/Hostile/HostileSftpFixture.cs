using Gateway.Testing.Hostile;

namespace Gateway.FunctionalTests.Hostile;

/// <summary>One hostile server with a gateway in front of it, for many scripts.</summary>
public sealed class HostileSftpFixture : IAsyncLifetime
{
    /// <summary>The server.</summary>
    public HostileSftpServer Server { get; private set; } = null!;

    internal HostileGateway Gateway { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        Server = await HostileSftpServer.StartAsync();
        Gateway = await HostileGateway.StartAsync(Server.GetConfiguration("bad"));
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Server.DisposeAsync();
    }
}
