namespace Gateway.Sftp;

/// <summary>Where an upload will end.</summary>
/// <param name="ServerPath">On the server, links resolved.</param>
/// <param name="Permissions">Those of the file that is replaced, to be kept; null where there is none.</param>
internal readonly record struct SftpUploadTarget(string ServerPath, int? Permissions);
