using System.ComponentModel;
using System.Runtime.InteropServices;
using static Gateway.Sftp.Transport.NativeMethods;

namespace Gateway.Sftp.Transport;

/// <summary>
/// A child process in a session of its own, started by posix_spawn and reaped by us alone.
/// </summary>
/// <remarks>
/// <para>Why not <see cref="System.Diagnostics.Process"/>: it connects a child through three pipes, which the runtime reads with
/// blocking calls on pool threads; it starts no session and gives no controlling terminal; it leaves SIGPIPE ignored in the child.</para>
/// <para>Reaping: SIGCHLD says only that some child ended, and signals merge, so each one sweeps every registered child. A sweep
/// waits for the pids registered here and for no other: children of <see cref="System.Diagnostics.Process"/> are never touched.
/// A pid stays ours until it is reaped, so <see cref="Signal"/> and the reaping share a lock per child, and a pid that the kernel
/// gives out again can never be hit.</para>
/// <para>When the leader ends, whatever is left of its process group (a ProxyCommand) is killed before the leader is reaped:
/// from then on the group's number could belong to others.</para>
/// </remarks>
internal sealed unsafe class ChildProcess
{
    private static readonly Lock s_registering = new();
    private static readonly Dictionary<int, ChildProcess> s_children = [];
    private static PosixSignalRegistration? s_childSignal;

    private readonly TaskCompletionSource<int?> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _reaping = new();

    private ChildProcess(int id) => Id = id;

    /// <summary>The pid, which is also the child's session and process group.</summary>
    public int Id { get; }

    /// <summary>Completes once the child is reaped, with its wait status; null where somebody else reaped it.</summary>
    public Task<int?> Exited => _exited.Task;

    /// <summary>Starts a program. Signals are at their defaults and unblocked in it, and it leads its own session.</summary>
    /// <param name="path">Absolute path of the program.</param>
    /// <param name="arguments">With the program's name first.</param>
    /// <param name="environment"><c>NAME=value</c>; the whole environment, nothing is inherited.</param>
    /// <param name="input">Descriptor that becomes 0 and 1.</param>
    /// <param name="error">Descriptor that becomes 2.</param>
    /// <param name="terminal">Path of a terminal that becomes the session's controlling one; null for none.</param>
    /// <exception cref="Win32Exception">The program cannot be started; the native error code says why.</exception>
    public static ChildProcess Start(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, int input, int error, string? terminal)
    {
        var actions = stackalloc byte[FileActionsSize];
        var attributes = stackalloc byte[SpawnAttributesSize];
        var signals = stackalloc byte[SignalSetSize];
        using var argumentList = new NativeStringList(arguments);
        using var environmentList = new NativeStringList(environment);
        Check(FileActionsInit(actions));
        Check(SpawnAttributesInit(attributes));
        try
        {
            Check(FileActionsAddDuplicate(actions, input, 0));
            Check(FileActionsAddDuplicate(actions, input, 1));
            Check(FileActionsAddDuplicate(actions, error, 2));
            if (terminal is not null)
            {
                // The first terminal that a session leader opens becomes its controlling one. Actions run after setsid.
                Check(FileActionsAddOpen(actions, 3, terminal, OpenReadWrite, 0));
            }

            // The runtime ignores SIGPIPE, and an ignored signal survives exec: ssh would not notice a closed pipe.
            new Span<byte>(signals, SignalSetSize).Fill(0xff);
            Check(SpawnAttributesSetSignalDefault(attributes, signals));
            new Span<byte>(signals, SignalSetSize).Clear();
            Check(SpawnAttributesSetSignalMask(attributes, signals));
            Check(SpawnAttributesSetFlags(attributes, SpawnSetSignalDefault | SpawnSetSignalMask | SpawnSetSession));
            return StartAndRegister(path, actions, attributes, argumentList.Pointer, environmentList.Pointer);
        }
        finally
        {
            _ = FileActionsDestroy(actions);
            _ = SpawnAttributesDestroy(attributes);
        }
    }

    /// <summary>Sends a signal to the child and its whole process group, unless it is reaped.</summary>
    public void Signal(int signal)
    {
        lock (_reaping)
        {
            if (!_exited.Task.IsCompleted)
            {
                _ = Kill(-Id, signal);
            }
        }
    }

    private static ChildProcess StartAndRegister(string path, byte* actions, byte* attributes, byte** arguments, byte** environment)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("ssh is driven through posix_spawn and a pseudo-terminal.");
        }

        ChildProcess child;
        lock (s_registering)
        {
            s_childSignal ??= PosixSignalRegistration.Create(PosixSignal.SIGCHLD, static _ => ReapAll());
            var pid = 0;
            Check(Spawn(&pid, path, actions, attributes, arguments, environment));
            child = new ChildProcess(pid);
            s_children.Add(pid, child);
        }

        // Its SIGCHLD may have come and gone before it was registered.
        child.Reap();
        return child;
    }

    private static void ReapAll()
    {
        ChildProcess[] children;
        lock (s_registering)
        {
            children = [.. s_children.Values];
        }

        foreach (var child in children)
        {
            child.Reap();
        }
    }

    private void Reap()
    {
        int? status = null;
        lock (_reaping)
        {
            if (_exited.Task.IsCompleted || !HasEnded())
            {
                return;
            }

            _ = Kill(-Id, SignalKill);
            lock (s_registering)
            {
                // Before the pid is free, so that a new child with the same pid finds the place empty.
                s_children.Remove(Id);
            }

            var raw = 0;
            int reaped;
            do
            {
                reaped = WaitPid(Id, &raw, WaitNoHang);
            }
            while (reaped < 0 && Marshal.GetLastPInvokeError() == ErrorInterrupted);

            status = reaped == Id ? raw : null;
            _exited.TrySetResult(status);
        }
    }

    /// <summary>Looks without reaping. A failing call means that the child is gone: reaped by somebody else.</summary>
    private bool HasEnded()
    {
        var info = stackalloc byte[SignalInfoSize];
        new Span<byte>(info, SignalInfoSize).Clear();
        int result;
        do
        {
            result = WaitId(WaitForProcess, Id, info, WaitExited | WaitNoHang | WaitLeave);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == ErrorInterrupted);

        // si_signo stays 0 while the child runs.
        return result < 0 || *(int*)info != 0;
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new Win32Exception(error);
        }
    }
}
