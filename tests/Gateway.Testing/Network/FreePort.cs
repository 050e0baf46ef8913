using System.Net;
using System.Net.Sockets;

namespace Gateway.Testing.Network;

/// <summary>
/// TCP ports on loopback that are free now. Another process may take one before its server binds it: servers here are
/// started again with another port when that happens.
/// </summary>
public static class FreePort
{
    private const int FirstRangePort = 12_000;
    private const int LastRangePort = 32_000;

    private static readonly HashSet<int> Given = [];
    private static readonly HashSet<int> GivenRanges = [];

    /// <summary>One port, chosen by the kernel, never given twice in this process.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = TryBind(0);
            lock (Given)
            {
                if (port != 0 && Given.Add(port))
                {
                    return port;
                }
            }
        }
    }

    /// <summary>The first of <paramref name="count"/> free ports in a row, below the kernel's own range.</summary>
    public static int NextRange(int count)
    {
        lock (Given)
        {
            var firsts = Enumerable.Range(0, (LastRangePort - FirstRangePort) / count).Select(i => FirstRangePort + (i * count)).ToArray();
            Random.Shared.Shuffle(firsts);

            // Those that were given before come last: by then their servers are gone.
            foreach (var first in firsts.OrderBy(GivenRanges.Contains))
            {
                if (Enumerable.Range(first, count).All(port => TryBind(port) != 0))
                {
                    GivenRanges.Add(first);
                    return first;
                }
            }
        }

        throw new InvalidOperationException($"There are no {count} free ports in a row.");
    }

    private static int TryBind(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
