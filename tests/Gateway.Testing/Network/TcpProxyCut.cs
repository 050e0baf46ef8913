namespace Gateway.Testing.Network;

/// <summary>How a <see cref="TcpProxy"/> ends a connection it cuts.</summary>
public enum TcpProxyCut
{
    /// <summary>Both sides see an orderly end (FIN).</summary>
    Close,

    /// <summary>Both sides see a reset (RST).</summary>
    Reset,

    /// <summary>
    /// The receiver sees an orderly end, the sender notices nothing: what it sends is swallowed. A man in the middle truncates
    /// a file like this.
    /// </summary>
    Swallow,
}
