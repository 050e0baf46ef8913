using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Load;

/// <summary>Uploads of a file by sendfile(2): from the page cache into the socket, without a copy in this process.</summary>
internal static class HttpUploads
{
    /// <summary>Uploads the file to each target at once, each on a connection and a thread of its own.</summary>
    public static async Task<Work> RunAsync(Uri server, IReadOnlyList<string> targets, string file)
    {
        var length = new FileInfo(file).Length;
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(targets.Select(target =>
            Task.Factory.StartNew(() => Upload(server, target, file, length), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        return new Work(Stopwatch.GetElapsedTime(started), length * targets.Count, latencies);
    }

    private static double Upload(Uri server, string target, string file, long length)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        (socket.ReceiveTimeout, socket.SendTimeout) = (120_000, 120_000);
        var started = Stopwatch.GetTimestamp();
        socket.Connect(new IPEndPoint(IPAddress.Loopback, server.Port));
        socket.Send(Encoding.ASCII.GetBytes($"PUT {target} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Length: {length}\r\n\r\n"));
        socket.SendFile(file);
        var response = new ResponseReader();
        var buffer = new byte[4096];
        while (!response.IsComplete)
        {
            var count = socket.Receive(buffer);
            if (count == 0)
            {
                throw new InvalidDataException($"PUT {target}: the connection ended without an answer.");
            }

            response.Feed(buffer.AsSpan(0, count));
        }

        return response.Status is 200 or 201 or 204
            ? Work.MillisecondsSince(started)
            : throw new InvalidDataException($"PUT {target} answered {response.Status}.");
    }
}
