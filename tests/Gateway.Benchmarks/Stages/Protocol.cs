namespace Gateway.Benchmarks.Stages;

/// <summary>How the files are reached.</summary>
internal enum Protocol
{
    /// <summary>OpenSSH's server on loopback.</summary>
    Sftp,

    /// <summary>vsftpd on loopback, explicit TLS.</summary>
    Ftps,

    /// <summary>The same OpenSSH server, 50 ms there and back.</summary>
    FarSftp,
}
