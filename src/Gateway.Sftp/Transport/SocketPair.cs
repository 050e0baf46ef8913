using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Gateway.Sftp.Transport.NativeMethods;

namespace Gateway.Sftp.Transport;

/// <summary>Two connected sockets: one for us, one for a child. Both close on exec; a child gets its own by duplication.</summary>
internal sealed unsafe class SocketPair
{
    /// <summary>Larger buffers let ssh move more per system call; the system caps it at net.core.wmem_max.</summary>
    public const int LargeBuffer = 1024 * 1024;

    private SocketPair(Socket ours, int theirs)
    {
        Ours = ours;
        Theirs = theirs;
    }

    /// <summary>Our end.</summary>
    public Socket Ours { get; }

    /// <summary>The child's end, ours until <see cref="CloseTheirs"/>.</summary>
    public int Theirs { get; }

    /// <param name="bufferSize">Bytes each end may have on the way; 0: the system's default.</param>
    /// <exception cref="Win32Exception">No descriptors left.</exception>
    public static SocketPair Open(int bufferSize)
    {
        var ends = stackalloc int[2];
        if (NativeMethods.SocketPair(AddressFamilyUnix, SocketStream | SocketCloseOnExec, 0, ends) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        if (bufferSize > 0)
        {
            _ = SetSocketOption(ends[0], SocketLevel, SendBuffer, &bufferSize, sizeof(int));
            _ = SetSocketOption(ends[1], SocketLevel, SendBuffer, &bufferSize, sizeof(int));
        }

        return new SocketPair(new Socket(new SafeSocketHandle(ends[0], ownsHandle: true)), ends[1]);
    }

    /// <summary>After the child was started, or could not be: without this our end never sees the stream's end.</summary>
    public void CloseTheirs() => _ = Close(Theirs);
}
