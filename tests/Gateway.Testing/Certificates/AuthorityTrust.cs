using System.Security.Cryptography.X509Certificates;

namespace Gateway.Testing.Certificates;

/// <summary>Clients that trust a test's own authority, and nobody else.</summary>
public static class AuthorityTrust
{
    /// <summary>Takes every certificate that <paramref name="authority"/> issued.</summary>
    public static void TrustOnly(this SocketsHttpHandler handler, X509Certificate2 authority) =>
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            return chain.Build((X509Certificate2)certificate!);
        };
}
