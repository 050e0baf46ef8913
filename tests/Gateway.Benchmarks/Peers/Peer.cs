using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Peers;

/// <summary>A program that is measured: the gateway, one like it, or a client that does without.</summary>
internal abstract class Peer : IAsyncDisposable
{
    /// <summary>Its process, with children; null: a new one for each transfer.</summary>
    protected abstract int? ProcessId { get; }

    /// <summary>Seconds of processor time so far, with its children, those that have ended too.</summary>
    public double GetCpu() => ProcessId is { } id ? ProcessUsage.GetCpu(id) : ProcessUsage.GetEndedChildrenCpu();

    /// <summary>The part of it that is not its children's; null where it has none that lasts.</summary>
    public double? GetOwnCpu() => ProcessId is { } id ? ProcessUsage.GetOwnCpu(id) : null;

    public void ResetPeakMemory()
    {
        if (ProcessId is { } id)
        {
            ProcessUsage.ResetPeak(id);
        }
    }

    /// <summary>Bytes; 0 where nobody knows.</summary>
    public long GetPeakMemory() => ProcessId is { } id ? ProcessUsage.GetPeak(id) : 0;

    /// <summary>Bytes.</summary>
    public long GetResidentMemory() => ProcessId is { } id ? ProcessUsage.GetResident(id) : 0;

    /// <summary>Bytes allocated on its managed heap so far; null where it does not tell.</summary>
    public virtual Task<double?> ReadAllocatedAsync() => Task.FromResult<double?>(null);

    public abstract ValueTask DisposeAsync();
}
