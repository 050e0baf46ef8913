using Gateway.Ftps.Transport;
using Microsoft.Extensions.Logging;

namespace Gateway.Ftps.Protocol;

/// <summary>One server and account.</summary>
internal sealed record FtpServerSettings
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>True: TLS from the first byte. False: AUTH TLS (RFC 4217).</summary>
    public required bool IsImplicit { get; init; }

    public required string Username { get; init; }

    /// <summary>A function, so that no record prints the password.</summary>
    public required Func<string?> Password { get; init; }

    public required TlsSettings Tls { get; init; }

    /// <summary>Longest time without a byte in a transfer.</summary>
    public required TimeSpan StallTimeout { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>What was learned of the server.</summary>
    public FtpServerMemory Memory { get; } = new();

    /// <summary>The backend's name, for the log.</summary>
    public required string Name { get; init; }

    public required ILogger Logger { get; init; }
}
