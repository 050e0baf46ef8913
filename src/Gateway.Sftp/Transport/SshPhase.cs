namespace Gateway.Sftp.Transport;

/// <summary>How far a login came, as ssh's own log tells it.</summary>
internal enum SshPhase
{
    /// <summary>Resolving the name, connecting.</summary>
    Connecting,

    /// <summary>TCP is up (or the ProxyCommand runs); the server's version line is awaited.</summary>
    Greeting,

    /// <summary>Algorithms, keys, the server's host key. Nothing the server says is shown before this ends.</summary>
    KeyExchange,

    /// <summary>The account is proven. From here on the server can put text of its own on stderr.</summary>
    Authenticating,

    /// <summary>Logged in.</summary>
    Ready,
}
