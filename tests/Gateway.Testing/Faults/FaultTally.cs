using System.Collections.Concurrent;
using System.Globalization;

namespace Gateway.Testing.Faults;

/// <summary>What a run counted, and what it lost. Safe for many callers at once.</summary>
public sealed class FaultTally
{
    private const int MaxDetails = 40;

    private readonly ConcurrentDictionary<string, long> _outcomes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _faults = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Loss, long> _losses = new();
    private readonly ConcurrentQueue<string> _details = new();
    private long _requests;
    private long _bytes;

    /// <summary>Requests that ended.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Bytes of bodies, both ways.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Faults so far.</summary>
    public long Faults => _faults.Values.Sum();

    /// <summary>Requests that failed as faults make them fail.</summary>
    public long Failures => _outcomes.Where(pair => pair.Key != "ok").Sum(pair => pair.Value);

    /// <summary>Whether anything was lost.</summary>
    public bool HasLost => !_losses.IsEmpty;

    /// <summary>The losses in words, the first ones in full.</summary>
    public string Losses => string.Join('\n', _details);

    /// <summary>How requests ended.</summary>
    public string Outcomes => Join(_outcomes);

    /// <summary>Which faults there were.</summary>
    public string FaultsByKind => Join(_faults);

    /// <summary>The losses by kind, those without one too.</summary>
    public string LossesByKind => string.Join(", ", Enum.GetValues<Loss>().Select(loss =>
        string.Create(CultureInfo.InvariantCulture, $"{loss} {_losses.GetValueOrDefault(loss)}")));

    internal void Count(string outcome, long bytes)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _bytes, bytes);
        _outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
    }

    internal void CountFault(string kind) => _faults.AddOrUpdate(kind, 1, (_, count) => count + 1);

    /// <summary>Something was lost.</summary>
    public void Add(Loss loss, string detail)
    {
        _losses.AddOrUpdate(loss, 1, (_, count) => count + 1);
        if (_details.Count < MaxDetails)
        {
            _details.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {loss}: {detail}"));
        }
    }

    private static string Join(ConcurrentDictionary<string, long> counts) => counts.IsEmpty
        ? "none"
        : string.Join(", ", counts.OrderByDescending(pair => pair.Value).Select(pair =>
            string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")));
}
