using System.Diagnostics;
using System.Security.Cryptography;
using Gateway.Benchmarks.Measuring;

namespace Gateway.Benchmarks.Load;

/// <summary>
/// Downloads over raw sockets from one thread, so that the load costs little and the same for every server: a poll, a receive and a
/// send for a small file; receives of 256 KiB for a large one.
/// </summary>
internal sealed class HttpLoad(Uri server)
{
    private const int BufferSize = 256 * 1024;

    /// <summary>How many bytes each body must have; null: any.</summary>
    public long? Length { get; init; }

    /// <summary>What each body's SHA-256 must be, in hexadecimal; null: is not looked at.</summary>
    public string? Digest { get; init; }

    /// <summary>What must occur in each body, and how often; null: is not looked at.</summary>
    public (string Text, int Times)? Contains { get; init; }

    /// <summary>Only so many of the first bytes are asked for; null: all.</summary>
    public long? Range { get; init; }

    /// <summary>One request on each of so many connections.</summary>
    public Work Once(string target, int connections = 1) => Run(target, connections, _ => true);

    /// <summary>So many requests, one after the other, on one connection.</summary>
    public Work Repeat(string target, int times) => Run(target, 1, latencies => latencies.Count >= times);

    /// <summary>Requests without a pause on each of so many connections, as long as this.</summary>
    public Work For(TimeSpan duration, string target, int connections)
    {
        var started = Stopwatch.GetTimestamp();
        return Run(target, connections, _ => Stopwatch.GetElapsedTime(started) >= duration);
    }

    /// <summary>Requests until each connection has heard, after an answer, that it is enough.</summary>
    private Work Run(string target, int connections, Func<List<double>, bool> isEnough)
    {
        var exchanges = Enumerable.Range(0, connections).Select(_ => new Exchange(server, target, Range)).ToList();
        try
        {
            foreach (var exchange in exchanges)
            {
                exchange.Response.Hash = Digest is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                exchange.Response.Counted = Contains is { } wanted ? System.Text.Encoding.UTF8.GetBytes(wanted.Text) : null;
            }

            var buffer = new byte[BufferSize];
            var latencies = new List<double>(1024);
            var bytes = 0L;
            var started = Stopwatch.GetTimestamp();
            var entries = exchanges.Select(exchange => new Poll.Entry((int)exchange.Socket.SafeHandle.DangerousGetHandle(), Poll.Readable, 0)).ToArray();
            exchanges.ForEach(exchange => exchange.Send());
            for (var open = connections; open > 0;)
            {
                if (connections > 1)
                {
                    Poll.Wait(entries);
                }

                for (var i = 0; i < entries.Length; i++)
                {
                    if ((connections > 1 && entries[i].Returned == 0) || !exchanges[i].Receive(buffer))
                    {
                        continue;
                    }

                    Check(exchanges[i].Response);
                    bytes += exchanges[i].Response.BodyLength;
                    latencies.Add(exchanges[i].Latency);
                    if (isEnough(latencies))
                    {
                        open--;
                        // A negative descriptor is passed over.
                        entries[i] = new Poll.Entry(-1, 0, 0);
                    }
                    else
                    {
                        exchanges[i].Send();
                    }
                }
            }

            return new Work(Stopwatch.GetElapsedTime(started), bytes, latencies, exchanges[0].FirstByte);
        }
        finally
        {
            exchanges.ForEach(exchange =>
            {
                exchange.Response.Hash?.Dispose();
                exchange.Dispose();
            });
        }
    }

    private void Check(ResponseReader response)
    {
        if (Length is { } length && response.BodyLength != length)
        {
            throw new InvalidDataException($"A body has {response.BodyLength} bytes instead of {length}.");
        }

        if (response.Hash is { } hash && Convert.ToHexStringLower(hash.GetHashAndReset()) != Digest)
        {
            throw new InvalidDataException("A body has another content than the file.");
        }

        // A word or two may have been cut in two by the network.
        if (Contains is { } wanted && (response.Occurrences > wanted.Times || response.Occurrences < wanted.Times * 0.9))
        {
            throw new InvalidDataException($"{wanted.Text} occurs {response.Occurrences} times instead of {wanted.Times}.");
        }
    }
}
