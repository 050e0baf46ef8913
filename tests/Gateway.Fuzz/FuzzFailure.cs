namespace Gateway.Fuzz;

/// <summary>A promise that an input broke.</summary>
internal sealed class FuzzFailure(string promise) : Exception(promise)
{
    /// <summary>Throws unless <paramref name="holds"/>.</summary>
    public static void Unless(bool holds, string promise)
    {
        if (!holds)
        {
            throw new FuzzFailure(promise);
        }
    }
}
