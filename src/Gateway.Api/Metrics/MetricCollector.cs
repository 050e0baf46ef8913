using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Gateway.Api.Metrics;

/// <summary>Listens to the meters of this gateway, of Kestrel and of the runtime, and keeps their sums for <c>/metrics</c>.</summary>
internal sealed class MetricCollector : IDisposable
{
    private static readonly string[] s_meters = ["Gateway.", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    private readonly Lock _scrape = new();
    private readonly ConcurrentDictionary<Instrument, MetricInstrument> _instruments = new();
    private readonly IMeterFactory _factory;
    private readonly MeterListener _listener = new();

    /// <param name="factory">The owner of this gateway's meters; there may be other gateways in the process.</param>
    public MetricCollector(IMeterFactory factory)
    {
        _factory = factory;
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(value, tags, state));
        _listener.Start();
    }

    /// <summary>Everything, as Prometheus reads it.</summary>
    public string Format()
    {
        var text = new StringBuilder();
        lock (_scrape)
        {
            foreach (var instrument in _instruments.Values)
            {
                instrument.Reset();
            }

            _listener.RecordObservableInstruments();
            foreach (var instrument in _instruments.Values.OrderBy(i => i.Name, StringComparer.Ordinal))
            {
                PrometheusText.Append(text, instrument);
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        var isOurs = ReferenceEquals(instrument.Meter.Scope, _factory) || instrument.Meter.Scope is null;
        if (isOurs && s_meters.Any(name => instrument.Meter.Name.StartsWith(name, StringComparison.Ordinal)))
        {
            listener.EnableMeasurementEvents(instrument, _instruments.GetOrAdd(instrument, static i => new MetricInstrument(i)));
        }
    }

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        ((MetricInstrument)state!).Record(value, tags);
}
