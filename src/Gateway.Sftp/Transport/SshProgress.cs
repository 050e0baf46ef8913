namespace Gateway.Sftp.Transport;

/// <summary>How far a child came.</summary>
/// <param name="Phase">The phase of the login at <paramref name="Hop"/>.</param>
/// <param name="Hop">The server of the chain whose turn it is; the number of jump hosts for the target.</param>
/// <param name="IsSftpRunning">Whether the server's SFTP has answered.</param>
internal readonly record struct SshProgress(SshPhase Phase, int Hop, bool IsSftpRunning);
