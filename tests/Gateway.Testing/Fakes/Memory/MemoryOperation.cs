namespace Gateway.Testing.Fakes.Memory;

/// <summary>The moments at which a <see cref="MemoryBackend"/> can be made to wait or fail.</summary>
public enum MemoryOperation
{
    Open,
    Probe,
    GetEntry,
    List,

    /// <summary>Each entry of a listing.</summary>
    NextEntry,
    OpenRead,

    /// <summary>Each read that gives bytes.</summary>
    Read,

    /// <summary>The read that finds the end.</summary>
    ReadEnd,
    OpenWrite,
    Write,
    Commit,
    CreateDirectory,
    DeleteFile,
    DeleteDirectory,
    Rename,
    SetAttributes,
}
