using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Ftps.Transport;

/// <summary>
/// What certificate a server may show. A pin decides alone, also for self-signed and expired certificates; without pins the chain must
/// end in a trusted root and the certificate must name the configured host. Nothing switches this off.
/// </summary>
internal sealed class CertificatePolicy
{
    private readonly string _host;
    private readonly X509Certificate2Collection? _authorities;
    private readonly IReadOnlyCollection<CertificateFingerprint> _pins;

    /// <param name="host">Host name or IP address that the certificate must carry.</param>
    /// <param name="authorities">Trusted roots; null for the system's.</param>
    /// <param name="pins">Accepted certificates; empty where chain and name decide.</param>
    public CertificatePolicy(string host, X509Certificate2Collection? authorities, IReadOnlyCollection<CertificateFingerprint> pins)
    {
        _host = host;
        _authorities = authorities;
        _pins = pins;
    }

    /// <summary>How the chain is to be built: offline, because a hostile certificate names the places to download from.</summary>
    public X509ChainPolicy CreateChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,

            // The name that TLS is told is not always the host: see TlsSessionScope. The host is checked here.
            VerificationFlags = X509VerificationFlags.IgnoreInvalidName,
        };
        if (_authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_authorities);
        }

        return policy;
    }

    /// <summary>Judges a certificate.</summary>
    /// <returns>Null where it is acceptable, else a sentence that says why not and what to change.</returns>
    public string? FindFault(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "The server shows no certificate.";
        }

        var seen = CertificateFingerprint.Of(certificate);
        if (_pins.Count > 0)
        {
            return _pins.Contains(seen)
                ? null
                : $"The server's certificate is none of Ftps:CertificateFingerprints. It has {seen}: if it was exchanged on purpose, add that.";
        }

        var fault = FindChainFault(chain, errors) ?? FindNameFault(certificate);
        return fault is null ? null : $"{fault} (The certificate has {seen}: once compared with the server's own, it can be pinned in Ftps:CertificateFingerprints.)";
    }

    private string? FindChainFault(X509Chain? chain, SslPolicyErrors errors)
    {
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return null;
        }

        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.PartialChain;
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return "The server's certificate, or one in its chain, has expired or is not valid yet: renew it on the server, and compare the clocks.";
        }

        if (status.HasFlag(X509ChainStatusFlags.UntrustedRoot) || status.HasFlag(X509ChainStatusFlags.PartialChain))
        {
            return _authorities is null
                ? "The server's certificate is not issued by an authority that this system trusts: name its authority in Ftps:CertificateAuthorityFile."
                : "The server's certificate is not issued by an authority in Ftps:CertificateAuthorityFile, or the server leaves out an intermediate certificate.";
        }

        return status.HasFlag(X509ChainStatusFlags.NotValidForUsage)
            ? "The server's certificate is not made for TLS servers (extended key usage): issue another."
            : $"The server's certificate chain is not valid ({status}): issue another certificate.";
    }

    private string? FindNameFault(X509Certificate2 certificate) =>
        certificate.MatchesHostname(_host, allowWildcards: true, allowCommonName: false)
            ? null
            : $"The server's certificate does not name the host {_host} (subject alternative name): correct Host, or issue a certificate for it.";
}
