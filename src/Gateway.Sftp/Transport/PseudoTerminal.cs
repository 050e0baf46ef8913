using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using static Gateway.Sftp.Transport.NativeMethods;

namespace Gateway.Sftp.Transport;

/// <summary>
/// The terminal that ssh asks for passwords and passphrases on. The gateway is the person at the keyboard.
/// </summary>
/// <remarks>
/// <para>Chosen over an SSH_ASKPASS program: the secret is in no argument list, no environment and no file; nothing is written to
/// disk, so nothing has to be executable, swept or hidden; and the prompts are told apart here instead of in a shell script.</para>
/// <para>It is also the child's lifeline. When the gateway dies, even by SIGKILL, the kernel hangs the terminal up and sends
/// SIGHUP to ssh and to its ProxyCommand, wherever in the handshake they are.</para>
/// <para>The line discipline is raw, so that no byte of a secret is taken for an editing key, but echoes at first: ssh turns the
/// echo off when it is ready to read, and that tells a prompt from anything else that appears on the terminal.</para>
/// </remarks>
internal sealed unsafe class PseudoTerminal : IDisposable
{
    // struct termios begins with four 32-bit words on every Linux libc: input, output, control and local flags.
    private const int LocalFlagsIndex = 3;
    private const uint Echo = 8;

    private readonly Socket _master;
    private readonly int _masterDescriptor;
    private readonly SafeSocketHandle _slave;

    private PseudoTerminal(int master, int slave, string path)
    {
        // Socket does asynchronous reads on any descriptor that epoll takes; .NET's own anonymous pipes rest on that.
        _masterDescriptor = master;
        _slave = new SafeSocketHandle(slave, ownsHandle: true);
        _master = new Socket(new SafeSocketHandle(master, ownsHandle: true));
        Path = path;
    }

    /// <summary>The device that the child opens.</summary>
    public string Path { get; }

    /// <summary>Whether a program reads a secret right now.</summary>
    public bool IsReadingSecret
    {
        get
        {
            var termios = stackalloc byte[TermiosSize];
            return GetTerminalAttributes(_masterDescriptor, termios) == 0 && (((uint*)termios)[LocalFlagsIndex] & Echo) == 0;
        }
    }

    /// <summary>Opens a terminal.</summary>
    /// <exception cref="Win32Exception">The system has none left, or no /dev/ptmx.</exception>
    public static PseudoTerminal Open()
    {
        var master = Check(OpenTerminalMaster(OpenReadWrite | OpenNoControllingTerminal | OpenCloseOnExec));
        try
        {
            Check(UnlockTerminal(master));
            const int NameSize = 128;
            var name = stackalloc byte[NameSize];
            Check(-GetTerminalName(master, name, NameSize));
            var path = Marshal.PtrToStringUTF8((nint)name)!;

            // Held open here as well: a session loses its terminal when nobody has it open.
            var slave = Check(NativeMethods.Open(path, OpenReadWrite | OpenNoControllingTerminal | OpenCloseOnExec, 0));
            var termios = stackalloc byte[TermiosSize];
            Check(GetTerminalAttributes(slave, termios));
            MakeRaw(termios);
            ((uint*)termios)[LocalFlagsIndex] |= Echo;
            Check(SetTerminalAttributes(slave, 0, termios));
            return new PseudoTerminal(master, slave, path);
        }
        catch
        {
            _ = Close(master);
            throw;
        }
    }

    /// <summary>What the child writes to the terminal. 0 never comes: the end is a <see cref="SocketException"/>.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _master.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    /// <summary>Types a line. The kernel buffers 4 KiB, so this does not block.</summary>
    public void Type(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        fixed (byte* start = bytes)
        {
            _ = Write(_masterDescriptor, start, bytes.Length);
        }

        Array.Clear(bytes);
    }

    public void Dispose()
    {
        _master.Dispose();
        _slave.Dispose();
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
