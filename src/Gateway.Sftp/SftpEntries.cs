using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;

namespace Gateway.Sftp;

/// <summary>SFTP attributes as the broker's entries.</summary>
internal static class SftpEntries
{
    public static RemoteEntry ToEntry(RemotePath path, in SftpAttributes attributes) => new()
    {
        Name = path.Name,
        Type = TypeOf(attributes),
        Size = SizeOf(attributes),
        Modified = ModifiedOf(attributes),
        Permissions = PermissionsOf(attributes),
        IsAddressable = true,
    };

    public static RemoteEntry ToEntry(in SftpDirectoryEntry listed)
    {
        var (name, isAddressable) = RemoteEntry.Admit(listed.Name, listed.IsUtf8);
        return new RemoteEntry
        {
            Name = name,
            Type = TypeOf(listed.Attributes),
            Size = SizeOf(listed.Attributes),
            Modified = ModifiedOf(listed.Attributes),
            Permissions = PermissionsOf(listed.Attributes),
            IsAddressable = isAddressable,
        };
    }

    /// <summary>A server that sends no mode is taken to speak of a file; opening it as a folder will tell.</summary>
    private static RemoteEntryType TypeOf(in SftpAttributes attributes) =>
        attributes.IsDirectory ? RemoteEntryType.Directory
        : attributes.IsSymlink ? RemoteEntryType.Symlink
        : attributes.IsFile || attributes.HasNoType ? RemoteEntryType.File
        : RemoteEntryType.Other;

    /// <summary>A folder's size is that of its table on disk: of no use to anybody.</summary>
    private static long? SizeOf(in SftpAttributes attributes) => attributes.IsDirectory ? null : attributes.Length;

    private static DateTimeOffset? ModifiedOf(in SftpAttributes attributes) =>
        (attributes.Flags & SftpAttributes.HasTimes) != 0 ? DateTimeOffset.FromUnixTimeSeconds(attributes.ModificationTime) : null;

    private static int? PermissionsOf(in SftpAttributes attributes) =>
        (attributes.Flags & SftpAttributes.HasMode) != 0 ? (int)(attributes.Mode & 0xFFF) : null;
}
