namespace Gateway.Api.Configuration;

/// <summary>Finds the name that somebody probably meant.</summary>
internal static class Spelling
{
    /// <summary>Words longer than any key are nonsense, and not worth the time.</summary>
    private const int MaxLength = 64;

    /// <summary>The candidate that begins with <paramref name="word"/> or is a few typing mistakes away; null for none.</summary>
    public static string? Closest(string word, IReadOnlyCollection<string> candidates)
    {
        if (word.Length is < 3 or > MaxLength)
        {
            return null;
        }

        if (candidates.FirstOrDefault(candidate => candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase)) is { } whole)
        {
            return whole;
        }

        var best = candidates
            .Select(candidate => (candidate, mistakes: CountMistakes(word.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .MinBy(pair => pair.mistakes);

        // A third of the word may differ; more is a guess, not a help.
        return best.candidate is not null && best.mistakes <= Math.Max(1, word.Length / 3) ? best.candidate : null;
    }

    /// <summary>Letters added, left out, replaced or swapped with their neighbour (optimal string alignment).</summary>
    private static int CountMistakes(string left, string right)
    {
        var counts = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    counts[i, j] = i + j;
                    continue;
                }

                var replaced = counts[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                counts[i, j] = Math.Min(replaced, Math.Min(counts[i - 1, j], counts[i, j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    counts[i, j] = Math.Min(counts[i, j], counts[i - 2, j - 2] + 1);
                }
            }
        }

        return counts[left.Length, right.Length];
    }
}
