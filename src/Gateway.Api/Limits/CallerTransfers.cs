using Gateway.Api.Configuration;

namespace Gateway.Api.Limits;

/// <summary>The transfers of one caller that has some.</summary>
internal sealed class CallerTransfers(LimitedCaller caller, CurrentSettings settings, TimeProvider time)
{
    /// <summary>The caller.</summary>
    public LimitedCaller Caller { get; } = caller;

    /// <summary>How many are open; guarded by <see cref="TransferLimits"/>.</summary>
    public int Open { get; set; }

    /// <summary>What they share.</summary>
    public BytePace Bytes { get; } = new(settings, time);
}
