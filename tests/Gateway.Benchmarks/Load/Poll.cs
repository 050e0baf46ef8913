using System.Runtime.InteropServices;

namespace Gateway.Benchmarks.Load;

/// <summary>poll(2): one thread watches many sockets, for a fraction of what asynchronous sockets cost.</summary>
internal static partial class Poll
{
    public const short Readable = 1;

    private const int Interrupted = 4;

    /// <summary>Waits until one of them can be read, or has ended.</summary>
    public static void Wait(Span<Entry> entries)
    {
        const int Patience = 60_000;
        int ready;
        do
        {
            ready = Call(ref MemoryMarshal.GetReference(entries), (nuint)entries.Length, Patience);
        }
        while (ready < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (ready <= 0)
        {
            throw new TimeoutException("Nothing came for a minute.");
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Call(ref Entry entries, nuint count, int timeout);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal record struct Entry(int Descriptor, short Wanted, short Returned);
}
