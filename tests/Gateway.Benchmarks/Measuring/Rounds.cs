namespace Gateway.Benchmarks.Measuring;

/// <summary>A B C A B C …, so that a drift of the machine's speed meets all alike.</summary>
internal static class Rounds
{
    /// <summary>Lets every contender run once to warm up and to have its content checked, then so many times.</summary>
    /// <param name="contenders">Who takes part.</param>
    /// <param name="rounds">How often; 0: the first run is the only one, and counts.</param>
    /// <param name="show">Is told of every sample as it comes.</param>
    public static async Task<IReadOnlyList<Result>> RunAsync(IReadOnlyList<Contender> contenders, int rounds, Action<int, string, Sample> show)
    {
        var results = contenders.Select(contender => new Result(contender.Name, [])).ToList();
        for (var i = 0; i < contenders.Count; i++)
        {
            var sample = await contenders[i].MeasureAsync(true);
            show(0, contenders[i].Name, sample);
            if (rounds == 0)
            {
                results[i].Samples.Add(sample);
            }
        }

        for (var round = 1; round <= rounds; round++)
        {
            for (var i = 0; i < contenders.Count; i++)
            {
                var sample = await contenders[i].MeasureAsync(false);
                show(round, contenders[i].Name, sample);
                results[i].Samples.Add(sample);
            }
        }

        return results;
    }
}
