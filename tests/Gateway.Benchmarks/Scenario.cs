namespace Gateway.Benchmarks;

/// <summary>One job that several contenders do in turn: A B C A B C …, so that a drift of the machine's speed meets all alike.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Unit">Of the figure.</param>
/// <param name="Contenders">The gateway first.</param>
internal sealed record Scenario(string Name, string Unit, IReadOnlyList<Contender> Contenders)
{
    /// <summary>Runs every contender <paramref name="rounds"/> times after a first time that does not count.</summary>
    public async Task<IReadOnlyList<Result>> RunAsync(int rounds)
    {
        var results = Contenders.Select(contender => new Result(contender.Name, [])).ToList();
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < Contenders.Count; i++)
            {
                var figure = await Contenders[i].MeasureAsync();
                if (round >= 0)
                {
                    results[i].Figures.Add(figure);
                }
            }
        }

        return results;
    }
}
