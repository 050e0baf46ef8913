using System.Buffers.Binary;
using System.Globalization;

namespace Gateway.Testing.Telemetry;

/// <summary>Decodes what an exporter sends: just those fields of opentelemetry-proto that tests look at.</summary>
internal static class OtlpMessages
{
    /// <summary>ExportTraceServiceRequest.</summary>
    public static void ReadSpans(ReadOnlySpan<byte> request, Action<OtlpSpan> take)
    {
        for (var all = new ProtobufReader(request); all.Read();)
        {
            var resource = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var part = new ProtobufReader(all.Bytes); part.Read();)
            {
                if (part.Field == 1)
                {
                    ReadAttributes(part.Bytes, 1, resource);
                }
            }

            for (var part = new ProtobufReader(all.Bytes); part.Read();)
            {
                if (part.Field == 2)
                {
                    ReadScope(part.Bytes, resource, take);
                }
            }
        }
    }

    /// <summary>ExportMetricsServiceRequest.</summary>
    public static void ReadPoints(ReadOnlySpan<byte> request, Action<OtlpPoint> take)
    {
        for (var all = new ProtobufReader(request); all.Read();)
        {
            for (var part = new ProtobufReader(all.Bytes); part.Read();)
            {
                for (var scope = new ProtobufReader(part.Field == 2 ? part.Bytes : default); scope.Read();)
                {
                    if (scope.Field == 2)
                    {
                        ReadMetric(scope.Bytes, take);
                    }
                }
            }
        }
    }

    private static void ReadScope(ReadOnlySpan<byte> scope, Dictionary<string, string> resource, Action<OtlpSpan> take)
    {
        var name = "";
        for (var part = new ProtobufReader(scope); part.Read();)
        {
            for (var about = new ProtobufReader(part.Field == 1 ? part.Bytes : default); about.Read();)
            {
                name = about.Field == 1 ? about.Text : name;
            }

            if (part.Field == 2)
            {
                take(ReadSpan(part.Bytes, name, resource));
            }
        }
    }

    private static OtlpSpan ReadSpan(ReadOnlySpan<byte> message, string scope, Dictionary<string, string> resource)
    {
        var span = new OtlpSpan(scope, "", "", "", "", IsError: false, ReadAttributes(message, 9, []), resource);
        for (var part = new ProtobufReader(message); part.Read();)
        {
            span = part.Field switch
            {
                1 => span with { TraceId = part.Hex },
                2 => span with { SpanId = part.Hex },
                4 => span with { ParentId = part.Hex },
                5 => span with { Name = part.Text },
                15 => span with { IsError = ReadStatus(part.Bytes) == 2 },
                _ => span,
            };
        }

        return span;
    }

    private static ulong ReadStatus(ReadOnlySpan<byte> status)
    {
        ulong code = 0;
        for (var part = new ProtobufReader(status); part.Read();)
        {
            code = part.Field == 3 ? part.Number : code;
        }

        return code;
    }

    private static void ReadMetric(ReadOnlySpan<byte> metric, Action<OtlpPoint> take)
    {
        var (name, unit) = ("", "");
        for (var part = new ProtobufReader(metric); part.Read();)
        {
            name = part.Field == 1 ? part.Text : name;
            unit = part.Field == 3 ? part.Text : unit;
            if (part.Field is not (5 or 7 or 9))
            {
                continue;
            }

            // 5 gauge, 7 sum, 9 histogram: in each the points are field 1.
            for (var data = new ProtobufReader(part.Bytes); data.Read();)
            {
                if (data.Field == 1)
                {
                    take(part.Field == 9 ? ReadHistogram(data.Bytes, name, unit) : ReadNumber(data.Bytes, name, unit));
                }
            }
        }
    }

    private static OtlpPoint ReadNumber(ReadOnlySpan<byte> point, string name, string unit)
    {
        double value = 0;
        for (var part = new ProtobufReader(point); part.Read();)
        {
            value = part.Field switch { 4 => part.Double, 6 => (long)part.Number, _ => value };
        }

        return new OtlpPoint(name, unit, value, [], ReadAttributes(point, 7, []));
    }

    private static OtlpPoint ReadHistogram(ReadOnlySpan<byte> point, string name, string unit)
    {
        double count = 0;
        var bounds = new List<double>();
        for (var part = new ProtobufReader(point); part.Read();)
        {
            count = part.Field == 4 ? part.Number : count;
            for (var rest = part.Field == 7 ? part.Bytes : default; !rest.IsEmpty; rest = rest[8..])
            {
                bounds.Add(BinaryPrimitives.ReadDoubleLittleEndian(rest));
            }
        }

        return new OtlpPoint(name, unit, count, bounds, ReadAttributes(point, 9, []));
    }

    private static Dictionary<string, string> ReadAttributes(ReadOnlySpan<byte> message, int field, Dictionary<string, string> into)
    {
        for (var part = new ProtobufReader(message); part.Read();)
        {
            if (part.Field == field)
            {
                var (key, value) = ReadAttribute(part.Bytes);
                into[key] = value;
            }
        }

        return into;
    }

    private static (string Key, string Value) ReadAttribute(ReadOnlySpan<byte> attribute)
    {
        var (key, value) = ("", "");
        for (var part = new ProtobufReader(attribute); part.Read();)
        {
            if (part.Field == 1)
            {
                key = part.Text;
            }

            for (var any = new ProtobufReader(part.Field == 2 ? part.Bytes : default); any.Read();)
            {
                value = any.Field switch
                {
                    1 => any.Text,
                    4 => any.Double.ToString(CultureInfo.InvariantCulture),
                    _ => ((long)any.Number).ToString(CultureInfo.InvariantCulture),
                };
            }
        }

        return (key, value);
    }
}
