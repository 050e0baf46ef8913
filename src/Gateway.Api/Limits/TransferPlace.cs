namespace Gateway.Api.Limits;

/// <summary>The place of a transfer; given back once for each time that it was given. Those of callers without limits are one.</summary>
internal sealed class TransferPlace(TransferLimits limits, CallerTransfers? transfers)
{
    /// <summary>How fast it may go; null where nothing is limited.</summary>
    public TransferPace? Pace { get; init; }

    /// <summary>Gives it back.</summary>
    public void Leave()
    {
        Pace?.Dispose();
        limits.Leave(transfers);
    }
}
