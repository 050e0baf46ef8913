namespace Gateway.Testing.Faults;

/// <summary>What no fault excuses.</summary>
public enum Loss
{
    /// <summary>A body that ended cleanly, or an acknowledged upload, has other bytes than were sent.</summary>
    Corrupt,

    /// <summary>A part of an upload stands under a final name.</summary>
    Partial,

    /// <summary>A file that was acknowledged is gone, or one that was deleted is back.</summary>
    Vanished,

    /// <summary>A request did not end within its deadline.</summary>
    Stuck,

    /// <summary>A request was answered as if the caller were wrong, or as a defect of the gateway.</summary>
    WrongAnswer,

    /// <summary>A lease, or a place in the line, outlived its request.</summary>
    Lease,

    /// <summary>An ssh child outlived its connection.</summary>
    Child,

    /// <summary>Open descriptors did not come back to where they began.</summary>
    Descriptor,

    /// <summary>A pool had more connections than its maximum.</summary>
    Pool,

    /// <summary>A temporary file of an upload was left behind.</summary>
    TemporaryFile,

    /// <summary>A backend that is well again was not used again in time.</summary>
    Recovery,

    /// <summary>The gateway's process ended.</summary>
    Process,
}
