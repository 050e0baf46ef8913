using System.Diagnostics;

namespace Gateway.Fuzz;

/// <summary>Gives a target inputs until the time or the number is up, or one breaks a promise.</summary>
internal sealed class Fuzzer(FuzzTarget target, FuzzOptions options)
{
    /// <summary>No input may take longer, in the best of three attempts: others use the machine as well.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Inputs that were tried.</summary>
    public long Inputs { get; private set; }

    /// <summary>Runs.</summary>
    /// <returns>Whether every promise was kept.</returns>
    public async Task<bool> RunAsync(TimeSpan duration, long inputs)
    {
        using var watchdog = new Watchdog((input, reason) => Save(input, reason));
        var corpus = Corpus.Read(target.Name);
        var mutator = new Mutator(options.Seed, corpus, target.Words);
        var watch = Stopwatch.StartNew();
        while (Inputs < inputs && watch.Elapsed < duration)
        {
            var input = Inputs < corpus.Count ? corpus[(int)Inputs] : mutator.Next();
            Inputs++;
            watchdog.Watch(input);
            if (await FindFaultAsync(input) is { } fault)
            {
                Save(input, fault);
                return false;
            }

            watchdog.Watch(null);
        }

        return true;
    }

    /// <summary>Tries one input.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public async Task<string?> FindFaultAsync(byte[] input)
    {
        // The first calls pay for static constructors and buffers: what counts is the best of several.
        var (best, least) = (TimeSpan.MaxValue, long.MaxValue);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            try
            {
                await target.RunAsync(input);
            }
            catch (Exception e)
            {
                return e is FuzzFailure ? e.Message : e.ToString();
            }

            var took = Stopwatch.GetElapsedTime(started);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            (best, least) = (took < best ? took : best, Math.Min(allocated, least));
            if (best <= MaxTime && least <= MaxAllocation(input))
            {
                return null;
            }
        }

        return best > MaxTime
            ? $"{input.Length} bytes took {best.TotalMilliseconds:0} ms."
            : $"{input.Length} bytes allocated {least} bytes, more than {MaxAllocation(input)}.";
    }

    private long MaxAllocation(byte[] input) => target.BytesPerInput + ((long)target.BytesPerByte * input.Length);

    private void Save(byte[] input, string reason)
    {
        Directory.CreateDirectory(options.Crashes);
        var file = Path.Combine(options.Crashes, $"{target.Name}-{options.Seed}-{Inputs}.bin");
        File.WriteAllBytes(file, input);
        Console.WriteLine($"""
            {target.Name}: FAILED at input {Inputs} of seed {options.Seed}: {reason}
            Again: tests/fuzz.sh --target {target.Name} --replay {file}
            As a line of Corpus/{target.Name}.txt: {Corpus.Escape(input.Take(2000))}{(input.Length > 2000 ? " …" : "")}
            """);
    }
}
