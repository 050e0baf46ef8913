namespace Gateway.Api.Streaming;

/// <summary>How a copy ended; where it failed, whose turn it was.</summary>
internal enum CopyOutcome
{
    /// <summary>Every byte was handed over.</summary>
    Completed,

    /// <summary>The caller closed the connection, or broke its body off.</summary>
    CallerLeft,

    /// <summary>The caller neither took nor sent anything for the stall timeout.</summary>
    CallerStalled,

    /// <summary>The caller sent more than is allowed.</summary>
    TooLarge,

    /// <summary>The backend failed.</summary>
    BackendFailed,
}
