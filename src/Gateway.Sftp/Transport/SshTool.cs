using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Sftp.Transport;

/// <summary>Runs one of OpenSSH's small programs to its end and takes what it says, standard output and error together.</summary>
/// <remarks>Blocks: for checks at start, which are not asynchronous. A secret goes through standard input, never into the arguments.</remarks>
internal static class SshTool
{
    private const int LongestAnswer = 64 * 1024;

    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">The program's name first.</param>
    /// <param name="input">What it may read.</param>
    /// <param name="limit">Longest time; after it the program is killed.</param>
    /// <returns>What it said; null where it could not be started or did not end in time.</returns>
    public static string? Run(string program, IReadOnlyList<string> arguments, string input, TimeSpan limit)
    {
        var pipe = SocketPair.Open(0);
        ChildProcess child;
        try
        {
            // In a session without a terminal: what it asks, it reads from its standard input.
            child = ChildProcess.Start(program, arguments, SshArguments.Environment, pipe.Theirs, pipe.Theirs, terminal: null);
        }
        catch (Win32Exception)
        {
            pipe.Ours.Dispose();
            return null;
        }
        finally
        {
            pipe.CloseTheirs();
        }

        using var socket = pipe.Ours;
        try
        {
            return Converse(socket, input, limit);
        }
        catch (SocketException)
        {
            return null;
        }
        finally
        {
            child.Signal(NativeMethods.SignalKill);
        }
    }

    private static string? Converse(Socket socket, string input, TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        socket.SendTimeout = (int)limit.TotalMilliseconds;
        try
        {
            socket.Send(Encoding.UTF8.GetBytes(input));
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It needed no input and has ended already; what it said waits in the socket.
        }

        var answer = new byte[LongestAnswer];
        var length = 0;
        while (length < answer.Length)
        {
            var left = (limit - Stopwatch.GetElapsedTime(started)).TotalMilliseconds;
            if (left < 1)
            {
                return null;
            }

            socket.ReceiveTimeout = (int)left;
            var count = ReceiveSome(socket, answer.AsSpan(length));
            if (count == 0)
            {
                break;
            }

            length += count;
        }

        return Encoding.UTF8.GetString(answer, 0, length);
    }

    /// <summary>A program that ends without reading its input resets the socket: behind what it said, that is an end like any other.</summary>
    private static int ReceiveSome(Socket socket, Span<byte> buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset)
        {
            return 0;
        }
    }
}
