using System.Globalization;
using System.Text;

namespace Gateway.Api.Metrics;

/// <summary>Prometheus' text format 0.0.4.</summary>
internal static class PrometheusText
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The name of an instrument: <c>gateway.pool.acquire.duration</c> in <c>s</c> becomes <c>gateway_pool_acquire_duration_seconds</c>.</summary>
    public static string Name(string name, string? unit, string kind)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        // Units in braces are annotations, not units (UCUM).
        var suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        if (!text.ToString().EndsWith(suffix, StringComparison.Ordinal))
        {
            text.Append(suffix);
        }

        return text.Append(kind == "counter" ? "_total" : "").ToString();
    }

    /// <summary>Appends everything that <paramref name="instrument"/> measured.</summary>
    public static void Append(StringBuilder text, MetricInstrument instrument)
    {
        if (instrument.Series.Count == 0)
        {
            return;
        }

        text.Append("# HELP ").Append(instrument.Name).Append(' ').Append(Escape(instrument.Description, isLabel: false)).Append('\n');
        text.Append("# TYPE ").Append(instrument.Name).Append(' ').Append(instrument.Kind).Append('\n');
        foreach (var series in instrument.Series)
        {
            if (instrument.Bounds is { } bounds)
            {
                AppendHistogram(text, instrument.Name, bounds, series);
            }
            else
            {
                AppendSample(text, instrument.Name, series, null, series.Read().Value);
            }
        }
    }

    private static void AppendHistogram(StringBuilder text, string name, IReadOnlyList<double> bounds, MetricSeries series)
    {
        var (sum, count, buckets) = series.Read();
        long below = 0;
        for (var i = 0; i < bounds.Count; i++)
        {
            below += buckets![i];
            AppendSample(text, name + "_bucket", series, Number(bounds[i]), below);
        }

        AppendSample(text, name + "_bucket", series, "+Inf", count);
        AppendSample(text, name + "_sum", series, null, sum);
        AppendSample(text, name + "_count", series, null, count);
    }

    private static void AppendSample(StringBuilder text, string name, MetricSeries series, string? bound, double value)
    {
        text.Append(name);
        var separator = '{';
        foreach (var (key, tag) in series.Tags)
        {
            text.Append(separator).Append(Name(key, null, "")).Append("=\"").Append(Escape(Convert.ToString(tag, CultureInfo.InvariantCulture) ?? "", isLabel: true)).Append('"');
            separator = ',';
        }

        if (bound is not null)
        {
            text.Append(separator).Append("le=\"").Append(bound).Append('"');
            separator = ',';
        }

        text.Append(separator == '{' ? "" : "}").Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string value, bool isLabel)
    {
        var escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isLabel ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
