using Gateway.Testing.Network;

namespace Gateway.Testing.Faults;

/// <summary>Does one thing at a time to a backend that networks, servers and operators do to it.</summary>
/// <param name="backend">The backend.</param>
/// <param name="configuration">The gateway's configuration.</param>
/// <param name="tally">Counts the faults.</param>
/// <param name="random">Chooses.</param>
internal sealed class FaultInjector(FaultBackend backend, FaultConfiguration configuration, FaultTally tally, Random random)
{
    private const int Sigkill = 9;
    private const int Sigstop = 19;

    private static readonly string[] Kinds =
    [
        "cut", "reset", "freeze", "freeze-one-way", "throttle", "delay", "corrupt", "forget", "refuse",
        "kill-session", "kill-session", "stop-session", "kill-sessions", "pause-server", "restart-server",
        "rotate-secret", "change-backend", "add-backend",
    ];

    /// <summary>Begins a fault, and ends it after a while.</summary>
    /// <param name="longest">The longest while.</param>
    /// <param name="end">Ends it early.</param>
    public async Task InjectAsync(TimeSpan longest, CancellationToken end)
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        var time = longest * (0.1 + (0.9 * random.NextDouble()));
        tally.CountFault(kind);
        try
        {
            await BeginAsync(kind, end);
            await Task.Delay(time, end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The round is over.
        }

        await backend.HealAsync();
    }

    private async Task BeginAsync(string kind, CancellationToken end)
    {
        var proxy = backend.Proxy;
        var direction = random.Next(2) == 0 ? proxy.ToClient : proxy.ToServer;
        switch (kind)
        {
            case "cut":
                proxy.CutAll(TcpProxyCut.Close);
                break;
            case "reset":
                proxy.CutAll(TcpProxyCut.Reset);
                break;
            case "freeze":
                proxy.ToClient.Freeze();
                proxy.ToServer.Freeze();
                break;
            case "freeze-one-way":
                direction.Freeze();
                break;
            case "throttle":
                direction.BytesPerSecond = random.Next(50_000, 1_000_000);
                break;
            case "delay":
                proxy.ToClient.Delay = proxy.ToServer.Delay = TimeSpan.FromMilliseconds(random.Next(5, 150));
                break;
            case "corrupt":
                direction.CorruptNext();
                break;
            case "forget":
                proxy.ForgetAll();
                break;
            case "refuse":
                proxy.RefusesConnections = true;
                proxy.CutAll();
                break;
            case "kill-session":
                backend.Server.SignalOneSession(random, Sigkill);
                break;
            case "stop-session":
                backend.Server.SignalOneSession(random, Sigstop);
                break;
            case "kill-sessions":
                backend.Server.KillSessions();
                break;
            case "pause-server":
                backend.Server.Pause();
                break;
            case "restart-server":
                await backend.Server.StopAsync();
                await Task.Delay(TimeSpan.FromSeconds(random.NextDouble()), end);
                break;
            case "rotate-secret":
                await backend.RotateAsync();
                configuration.Write();
                break;
            case "change-backend":
                backend.Settings["Pool:MaxConnections"] = random.Next(2) == 0 ? "4" : "6";
                configuration.Write();
                break;
            default:
                configuration.ToggleExtra();
                break;
        }
    }
}
