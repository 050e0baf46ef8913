using System.Buffers.Text;
using System.Globalization;

namespace Gateway.Sftp.Transport;

/// <summary>
/// What the kernel's scheduler tells of a process: <c>/proc/PID/schedstat</c> (Documentation/scheduler/sched-stats.rst). Nanoseconds on a
/// processor, nanoseconds ready to run without one, turns. Of its first thread: ssh has no other.
/// </summary>
internal static class ProcessSchedule
{
    private const int NanosecondsPerTick = 100;

    /// <summary>Reads it.</summary>
    /// <returns>Null where the process is gone, or the kernel does not tell.</returns>
    public static (TimeSpan Ran, TimeSpan Waited)? Read(int processId)
    {
        Span<byte> buffer = stackalloc byte[80];
        int length;
        try
        {
            using var file = File.OpenHandle(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/schedstat"), share: FileShare.ReadWrite | FileShare.Delete);
            length = RandomAccess.Read(file, buffer, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        ReadOnlySpan<byte> text = buffer[..length];
        return Utf8Parser.TryParse(text, out long ran, out var end) && end < length && Utf8Parser.TryParse(text[(end + 1)..], out long waited, out _)
            ? (new TimeSpan(ran / NanosecondsPerTick), new TimeSpan(waited / NanosecondsPerTick))
            : null;
    }
}
