namespace Gateway.Sftp.Protocol;

/// <summary>One name of a READDIR reply.</summary>
/// <param name="Name">The name; where it is not valid UTF-8 its wrong bytes are written as <c>\xNN</c>.</param>
/// <param name="IsUtf8">Whether the name's bytes are valid UTF-8, so that <paramref name="Name"/> leads back to the entry.</param>
/// <param name="Attributes">As LSTAT would give them.</param>
internal readonly record struct SftpDirectoryEntry(string Name, bool IsUtf8, SftpAttributes Attributes);
