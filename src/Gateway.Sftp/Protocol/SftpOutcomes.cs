using System.Runtime.CompilerServices;

namespace Gateway.Sftp.Protocol;

/// <summary>Waits for requests that are in flight together.</summary>
internal static class SftpOutcomes
{
    /// <summary>Waits, and keeps a failure for later.</summary>
    public static ValueTask<SftpOutcome<T>> SettleAsync<T>(this ValueTask<T> task) => SftpOutcome<T>.OfAsync(task);

    /// <summary>Waits, and keeps a failure for later.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<Exception?> SettleAsync(this ValueTask task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
