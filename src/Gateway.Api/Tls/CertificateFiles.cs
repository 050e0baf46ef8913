using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Api.Configuration;

namespace Gateway.Api.Tls;

/// <summary>A certificate with its key and chain in files, as a <c>Certificate</c> section of Kestrel names them.</summary>
/// <param name="section"><c>Kestrel:Certificates:Default</c> or <c>Kestrel:Endpoints:NAME:Certificate</c>.</param>
internal sealed class CertificateFiles(IConfigurationSection section)
{
    private const int MaxBytes = 1024 * 1024;

    private volatile SslStreamCertificateContext? _context;
    private byte[] _hash = [];

    /// <summary>The section.</summary>
    public string Section => section.Path;

    /// <summary>What the next handshake is made with. Handshakes and connections that have begun keep what they began with.</summary>
    public SslStreamCertificateContext Context => _context ?? throw new InvalidOperationException("The certificate was not read.");

    /// <summary>Reads the files again, and uses them if they are others than before.</summary>
    /// <returns>False where nothing changed.</returns>
    /// <exception cref="InvalidConfigurationException">They cannot be used; tells why. What was in use stays in use.</exception>
    public bool Load()
    {
        // Path by path: a rotation may bring new names, too.
        var (path, keyPath) = (section["Path"]!, section["KeyPath"]);
        var certificate = Read(path, "Path");
        var key = string.IsNullOrEmpty(keyPath) ? null : Read(keyPath, "KeyPath");
        var password = string.IsNullOrEmpty(section["Password"]) ? null : section["Password"];

        var hash = Hash(certificate, key, password);
        if (hash.AsSpan().SequenceEqual(_hash))
        {
            return false;
        }

        try
        {
            _context = Parse(certificate, key, password);
            _hash = hash;
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // No text of the exception: it may quote what it could not read.
            throw Invalid("Path", "There is no certificate that fits its key; write the path of a PEM file with the certificate and its chain, and KeyPath, or of a PKCS #12 file and Password.");
        }
    }

    private static SslStreamCertificateContext Parse(byte[] certificate, byte[]? key, string? password)
    {
        var all = new X509Certificate2Collection();
        X509Certificate2 own;
        if (key is not null || certificate.AsSpan().IndexOf("-----BEGIN"u8) >= 0)
        {
            var (text, keyText) = (Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key ?? certificate));
            own = password is null ? X509Certificate2.CreateFromPem(text, keyText) : X509Certificate2.CreateFromEncryptedPem(text, keyText, password);
            all.ImportFromPem(text);
        }
        else
        {
            all = X509CertificateLoader.LoadPkcs12Collection(certificate, password);
            own = all.FirstOrDefault(item => item.HasPrivateKey) ?? throw new CryptographicException("There is no private key.");
        }

        // Offline: a handshake must not wait for a download of what an operator left out of the chain.
        var chain = new X509Certificate2Collection(all.Where(item => !item.RawDataMemory.Span.SequenceEqual(own.RawDataMemory.Span)).ToArray());
        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }

    private byte[] Read(string path, string key)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes ? File.ReadAllBytes(path) : throw Invalid(key, $"The file is larger than {MaxBytes} bytes: is it a certificate?");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Invalid(key, exception switch
            {
                FileNotFoundException or DirectoryNotFoundException => "The file does not exist.",
                UnauthorizedAccessException => "The gateway's user may not read the file.",
                _ => "The file cannot be read.",
            });
        }
    }

    private InvalidConfigurationException Invalid(string key, string message) => new([new ConfigurationError($"{section.Path}:{key}", message)]);

    /// <summary>Contents count, not times or links: Kubernetes swaps a symbolic link two levels up.</summary>
    private static byte[] Hash(byte[] certificate, byte[]? key, string? password)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { certificate, key ?? [], Encoding.UTF8.GetBytes(password ?? "") })
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(part);
        }

        return hash.GetHashAndReset();
    }
}
