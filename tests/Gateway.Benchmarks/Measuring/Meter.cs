using Gateway.Benchmarks.Peers;

namespace Gateway.Benchmarks.Measuring;

/// <summary>Watches a contender at work.</summary>
internal static class Meter
{
    private const double Mebibyte = 1024 * 1024;
    private const double Gibibyte = 1024 * Mebibyte;

    /// <summary>Lets it work, and gives what its processes used beside the work's own figures.</summary>
    public static async Task<Sample> MeasureAsync(Peer peer, Func<Task<Work>> work)
    {
        var allocated = await peer.ReadAllocatedAsync();
        // Reading the figure allocates, too: what it costs is known from doing it twice.
        var reading = (await peer.ReadAllocatedAsync() - allocated) ?? 0;
        allocated += reading;
        peer.ResetPeakMemory();
        var (cpu, alone, load, machine) = (peer.GetCpu(), peer.GetOwnCpu(), ProcessUsage.GetOwnCpu(Environment.ProcessId), ProcessUsage.GetMachineCpu());
        var done = await work();
        (cpu, alone) = (peer.GetCpu() - cpu, peer.GetOwnCpu() - alone);
        (load, machine) = (ProcessUsage.GetOwnCpu(Environment.ProcessId) - load, ProcessUsage.GetMachineCpu() - machine);
        var peak = peer.GetPeakMemory();
        allocated = await peer.ReadAllocatedAsync() - allocated - reading;

        var sample = Describe(done)
            .With(Metric.ContenderCores, cpu / done.Elapsed.TotalSeconds)
            .With(Metric.LoadCores, load / done.Elapsed.TotalSeconds)
            .With(Metric.OtherCores, Math.Max(machine - cpu - load, 0) / done.Elapsed.TotalSeconds);
        if (peak > 0)
        {
            sample.With(Metric.PeakMemory, peak / Mebibyte);
        }

        // Bulk by the GiB, small things by the request.
        var isBulk = done.Latencies.Count == 0 || done.Bytes / done.Latencies.Count >= Mebibyte;
        sample.With(isBulk ? Metric.Cpu : Metric.CpuPerRequest, isBulk ? cpu / (done.Bytes / Gibibyte) : cpu * 1e6 / done.Latencies.Count);
        if (isBulk && alone is { } mine)
        {
            sample.With(Metric.ChildrenCpu, (cpu - mine) / (done.Bytes / Gibibyte));
        }

        if (allocated is { } bytes)
        {
            sample.With(
                isBulk ? Metric.Allocated : Metric.AllocatedPerRequest,
                isBulk ? bytes / Mebibyte / (done.Bytes / Gibibyte) : bytes / 1024.0 / done.Latencies.Count);
        }

        return sample;
    }

    /// <summary>The figures of the work alone.</summary>
    public static Sample Describe(Work done)
    {
        var sample = new Sample().With(Metric.Throughput, done.Bytes / Mebibyte / done.Elapsed.TotalSeconds);
        if (done.FirstByte > 0)
        {
            sample.With(Metric.FirstByte, done.FirstByte);
        }

        return done.Latencies.Count == 0
            ? sample
            : sample.With(Metric.Rate, done.Latencies.Count / done.Elapsed.TotalSeconds)
                .With(Metric.Median, done.GetPercentile(0.5))
                .With(Metric.Slowest, done.GetPercentile(0.99));
    }
}
