namespace Gateway.Sftp.Protocol;

/// <summary>
/// The channel is dead, and this request with it. <see cref="Exception.InnerException"/> is the one reason that all requests
/// of the channel share; this wrapper is each caller's own, so that stack traces do not mix.
/// </summary>
internal sealed class SftpChannelException(Exception reason) : Exception("The SFTP channel has ended: " + reason.Message, reason);
