namespace Gateway.Testing.Certificates;

/// <summary>What a server's certificate is like.</summary>
public enum ServerCertificateKind
{
    /// <summary>Issued by the test authority for <c>localhost</c> and 127.0.0.1 to 127.0.0.9.</summary>
    Valid,

    /// <summary>Issued by the test authority, for another host.</summary>
    OtherName,

    /// <summary>Right in all but its dates.</summary>
    Expired,

    /// <summary>For the right names, issued by nobody else.</summary>
    SelfSigned,
}
