namespace Gateway.Ftps.Protocol;

/// <summary>What a listed entry is.</summary>
internal enum FtpEntryType
{
    File,
    Directory,
    Symlink,
    Other,

    /// <summary>The listed folder itself, or its parent.</summary>
    Self,
}
