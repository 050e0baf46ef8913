using Gateway.Benchmarks.Measuring;
using Gateway.Benchmarks.Scenarios;

namespace Gateway.Benchmarks.Reporting;

/// <summary>A ratio or a figure that the gateway means to reach. It is reported, never asserted: a busy machine is no defect.</summary>
/// <param name="Scenario">Where it is measured.</param>
/// <param name="Metric">What is compared.</param>
/// <param name="Contender">Whose figure it is.</param>
/// <param name="Against">By whose figure it is divided; null: it is a figure by itself.</param>
/// <param name="AtLeast">The least it should be; null: there is a most.</param>
/// <param name="AtMost">The most it should be.</param>
internal sealed record Target(string Scenario, Metric Metric, string Contender, string? Against, double? AtLeast = null, double? AtMost = null)
{
    public static IReadOnlyList<Target> All { get; } =
    [
        new("sftp-download", Metric.Throughput, Names.Gateway, Names.Sftp, AtLeast: 1.15),
        new("sftp-download", Metric.Throughput, Names.Gateway, Names.Rclone, AtLeast: 2),
        new("sftp-upload", Metric.Throughput, Names.Gateway, Names.Sftp, AtLeast: 1.05),
        new("ftps-download", Metric.Throughput, Names.Gateway, Names.Lftp, AtLeast: 0.9),
        new("ftps-upload", Metric.Throughput, Names.Gateway, Names.Lftp, AtLeast: 0.9),
        new("parallel-downloads", Metric.Throughput, Names.Gateway, Names.Rclone, AtLeast: 2),
        new("small-64", Metric.Rate, Names.Gateway, Names.Rclone, AtLeast: 30),
        new("small-64", Metric.Rate, Names.Gateway, Names.RcloneCached, AtLeast: 12),
        new("far-download", Metric.Throughput, Names.Gateway, Names.Sftp, AtLeast: 2.5),
        new("list-10000", Metric.Rate, Names.Gateway, Names.Rclone, AtLeast: 3),
        new("sftp-download", Metric.Cpu, Names.Gateway, Names.Rclone, AtMost: 0.5),
        new("sftp-upload", Metric.Cpu, Names.Gateway, Names.RcloneDav, AtMost: 0.5),
        new("sftp-download", Metric.Allocated, Names.Gateway, null, AtMost: 4),
        new("sftp-upload", Metric.Allocated, Names.Gateway, null, AtMost: 4),
        new("ftps-download", Metric.Allocated, Names.Gateway, null, AtMost: 4),
        new("ftps-upload", Metric.Allocated, Names.Gateway, null, AtMost: 4),
        new("small-64", Metric.AllocatedPerRequest, Names.Gateway, null, AtMost: 2),
        new("memory-200", Metric.PeakMemory, LifeScenarios.Downloads, null, AtMost: 300),
        new("memory-200", Metric.PeakMemory, LifeScenarios.UploadsName, null, AtMost: 300),
        new("slow-readers", Metric.AddedMemory, LifeScenarios.Slow, null, AtMost: 50),
    ];

    /// <summary>The ratio or the figure round by round; null where one of the two was not measured.</summary>
    public Series? Evaluate(IReadOnlyList<Result> results)
    {
        var mine = Find(Contender);
        var theirs = Against is null ? null : Find(Against);
        return mine is null || (Against is not null && theirs is null) ? null : theirs is null ? mine : mine.RatioTo(theirs);

        Series? Find(string contender) => results.FirstOrDefault(result => result.Contender == contender)?.Get(Metric);
    }

    public bool IsMet(double figure) => figure >= (AtLeast ?? double.MinValue) && figure <= (AtMost ?? double.MaxValue);
}
