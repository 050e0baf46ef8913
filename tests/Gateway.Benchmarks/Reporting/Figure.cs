using System.Globalization;
using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Reporting;

/// <summary>Figures as the tables show them: three digits or so.</summary>
internal static class Figure
{
    public static string Format(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);

    public static string WithSpread(Series series) => series.Samples.Count == 1
        ? Format(series.Median)
        : $"{Format(series.Median)} ({Format(series.Least)}-{Format(series.Most)})";
}
