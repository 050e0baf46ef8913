namespace Gateway.Fuzz;

/// <summary>A parser of what strangers send, and what it promises for every input.</summary>
/// <param name="Name">Its name on the command line, and its corpus' name.</param>
/// <param name="RunAsync">Gives it an input: throws where a promise is broken. Ends before it returns: nothing here waits.</param>
internal sealed record FuzzTarget(string Name, Func<byte[], ValueTask> RunAsync)
{
    /// <summary>Bytes that it may allocate for each byte of the input.</summary>
    public int BytesPerByte { get; init; } = 400;

    /// <summary>Bytes that it may allocate for any input.</summary>
    public int BytesPerInput { get; init; } = 64 * 1024;

    /// <summary>Pieces of input that mean something to it.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
