using System.Net;
using System.Net.Sockets;

namespace Gateway.Testing.Network;

/// <summary>
/// TCP ports on loopback that are free now. Another process may take one before its server binds it: servers here are
/// started again with another port when that happens.
/// </summary>
public static class FreePort
{
    private static readonly HashSet<int> Given = [];

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
        while (true)
        {
            var first = Random.Shared.Next(12_000, 32_000 - count);
            lock (Given)
            {
                var ports = Enumerable.Range(first, count).ToList();
                if (ports.TrueForAll(port => !Given.Contains(port) && TryBind(port) != 0))
                {
                    Given.UnionWith(ports);
                    return first;
                }
            }
        }
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
