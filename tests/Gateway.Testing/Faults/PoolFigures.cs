using System.Globalization;

namespace Gateway.Testing.Faults;

/// <summary>One pool at one moment, as <c>/metrics</c> tells it.</summary>
public sealed record PoolFigures
{
    private const string Backend = "gateway_backend=\"";
    private const string State = "gateway_pool_state=\"";

    /// <summary>Connections without a lease.</summary>
    public int Idle { get; private set; }

    /// <summary>Connections with leases.</summary>
    public int Leased { get; private set; }

    /// <summary>Logins under way.</summary>
    public int Opening { get; private set; }

    /// <summary>Connections on their way out.</summary>
    public int Closing { get; private set; }

    /// <summary>Connections of the pools that this one replaced.</summary>
    public int Former { get; private set; }

    /// <summary>Leases.</summary>
    public int Leases { get; private set; }

    /// <summary>Callers in the line.</summary>
    public int Waiting { get; private set; }

    /// <summary>Most connections.</summary>
    public int Max { get; private set; }

    /// <summary>Everything that takes one of its places.</summary>
    public int Occupied => Idle + Leased + Opening + Closing;

    /// <summary>Reads the pools from the text of <c>/metrics</c>.</summary>
    public static Dictionary<string, PoolFigures> Read(string metrics)
    {
        var pools = new Dictionary<string, PoolFigures>(StringComparer.Ordinal);
        foreach (var line in metrics.Split('\n').Where(line => line.StartsWith("gateway_pool_", StringComparison.Ordinal)))
        {
            var name = line[..Math.Max(line.IndexOf('{', StringComparison.Ordinal), 0)];
            if (Label(line, Backend) is not { } backend
                || !double.TryParse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture, out var value))
            {
                continue;
            }

            if (!pools.TryGetValue(backend, out var pool))
            {
                pools.Add(backend, pool = new PoolFigures());
            }

            pool.Set(name, Label(line, State), (int)value);
        }

        return pools;
    }

    private static string? Label(string line, string start)
    {
        var at = line.IndexOf(start, StringComparison.Ordinal);
        return at < 0 ? null : line[(at + start.Length)..].Split('"')[0];
    }

    private void Set(string name, string? state, int value)
    {
        switch (name, state)
        {
            case ("gateway_pool_connections", "idle"):
                Idle = value;
                break;
            case ("gateway_pool_connections", "leased"):
                Leased = value;
                break;
            case ("gateway_pool_connections", "opening"):
                Opening = value;
                break;
            case ("gateway_pool_connections", "closing"):
                Closing = value;
                break;
            case ("gateway_pool_connections", "former"):
                Former = value;
                break;
            case ("gateway_pool_connections_max", _):
                Max = value;
                break;
            case ("gateway_pool_leases", _):
                Leases = value;
                break;
            case ("gateway_pool_waiting", _):
                Waiting = value;
                break;
        }
    }
}
