namespace Gateway.Api.Streaming;

/// <summary>The end of a copy.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Bytes">Bytes handed over.</param>
/// <param name="Failure">Why, where the backend failed.</param>
internal readonly record struct CopyResult(CopyOutcome Outcome, long Bytes, Exception? Failure = null);
