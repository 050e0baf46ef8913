namespace Gateway.Testing.Telemetry;

/// <summary>A measured point as it arrived.</summary>
/// <param name="Name">The instrument's name.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">The value; of a histogram how many measurements.</param>
/// <param name="Bounds">The bounds of a histogram's buckets; empty for anything else.</param>
/// <param name="Tags">Its attributes.</param>
public sealed record OtlpPoint(string Name, string Unit, double Value, IReadOnlyList<double> Bounds, IReadOnlyDictionary<string, string> Tags);
