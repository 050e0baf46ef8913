namespace Gateway.Sftp.Transport;

/// <summary>A server that the connection passes through.</summary>
/// <param name="Username">Account there; null: the same as on the target.</param>
/// <param name="Host">Host name or IP address, without brackets.</param>
/// <param name="Port">TCP port.</param>
internal sealed record JumpHost(string? Username, string Host, int Port);
