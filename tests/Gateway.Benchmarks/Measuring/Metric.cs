namespace Gateway.Benchmarks.Measuring;

/// <summary>Something that is measured.</summary>
/// <param name="Name">For the JSON.</param>
/// <param name="Unit">For both reports.</param>
internal sealed record Metric(string Name, string Unit)
{
    public static readonly Metric Throughput = new("throughput", "MiB/s");
    public static readonly Metric Rate = new("rate", "/s");

    /// <summary>Of requests: from sending one to its last byte.</summary>
    public static readonly Metric Median = new("p50", "ms");
    public static readonly Metric Slowest = new("p99", "ms");

    /// <summary>From sending a request (or starting a process) to the first byte of its answer.</summary>
    public static readonly Metric FirstByte = new("firstByte", "ms");

    /// <summary>Processor time of the contender's processes; the gateway's ssh children and rclone's own SSH alike.</summary>
    public static readonly Metric Cpu = new("cpuPerGibibyte", "s/GiB");

    /// <summary>The part of it that its children took: ssh.</summary>
    public static readonly Metric ChildrenCpu = new("childrenCpuPerGibibyte", "s/GiB");
    public static readonly Metric CpuPerRequest = new("cpuPerRequest", "us/request");

    /// <summary>Processor cores in use, on average, by the contender, by this process, and by everything else: the server mostly.</summary>
    public static readonly Metric ContenderCores = new("contenderCores", "cores");
    public static readonly Metric LoadCores = new("loadCores", "cores");
    public static readonly Metric OtherCores = new("otherCores", "cores");

    /// <summary>The largest resident set of each of the contender's processes, summed.</summary>
    public static readonly Metric PeakMemory = new("peakMemory", "MiB");
    public static readonly Metric AddedMemory = new("addedMemory", "MiB");
    public static readonly Metric IdleMemory = new("idleMemory", "MiB");

    /// <summary>On the gateway's managed heap.</summary>
    public static readonly Metric Allocated = new("allocatedPerGibibyte", "MiB/GiB");
    public static readonly Metric AllocatedPerRequest = new("allocatedPerRequest", "KiB/request");
}
