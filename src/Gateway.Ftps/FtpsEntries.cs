using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;

namespace Gateway.Ftps;

/// <summary>Listed entries in the broker's terms.</summary>
internal static class FtpsEntries
{
    public static RemoteEntry ToEntry(in FtpEntry listed)
    {
        var (name, isAddressable) = RemoteEntry.Admit(listed.Name, listed.IsUtf8);
        return ToEntry(listed, name, isAddressable);
    }

    /// <summary>The answer to a question about <paramref name="path"/>: the name is the caller's.</summary>
    public static RemoteEntry ToEntry(RemotePath path, in FtpEntry listed) => ToEntry(listed, path.Name, isAddressable: true);

    public static RemoteEntry ToFolder(RemotePath path) => new() { Name = path.Name, Type = RemoteEntryType.Directory, IsAddressable = true };

    private static RemoteEntry ToEntry(in FtpEntry listed, string name, bool isAddressable) => new()
    {
        Name = name,
        Type = listed.Type switch
        {
            FtpEntryType.File => RemoteEntryType.File,
            FtpEntryType.Directory or FtpEntryType.Self => RemoteEntryType.Directory,
            FtpEntryType.Symlink => RemoteEntryType.Symlink,
            _ => RemoteEntryType.Other,
        },
        Size = listed.Size,
        Modified = listed.Modified,
        IsModifiedApproximate = listed.IsModifiedApproximate && listed.Modified is not null,
        Permissions = listed.Permissions,
        IsAddressable = isAddressable,
    };
}
