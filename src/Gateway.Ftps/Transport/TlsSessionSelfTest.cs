using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Ftps.Transport;

/// <summary>
/// Proves that <see cref="TlsSessionScope"/> still fits the runtime: a server and a client inside the process, over pipes; one control
/// handshake, then data handshakes that must all resume.
/// </summary>
internal static class TlsSessionSelfTest
{
    private const int DataHandshakes = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly Lock s_gate = new();
    private static Task<string?>? s_result;

    /// <summary>Tests once in the life of the process whether a TLS 1.3 session is resumed again and again.</summary>
    /// <returns>Null where it is; else why not, for the log.</returns>
    public static Task<string?> FindTls13FaultAsync()
    {
        lock (s_gate)
        {
            return s_result ??= Task.Run(RunAsync);
        }
    }

    private static async Task<string?> RunAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "TLS session reuse is only known for Linux";
        }

        try
        {
            return TlsSessionScope.Install() ?? await ResumeAsync();
        }
        catch (Exception e)
        {
            return $"the self-test failed: {e.Message}";
        }
    }

    private static async Task<string?> ResumeAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        using var certificate = CreateCertificate();
        var server = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls13,
        };
        var settings = new TlsSettings
        {
            Host = "localhost",
            Certificates = new CertificatePolicy("localhost", null, [CertificateFingerprint.Of(certificate)]),
            Protocols = SslProtocols.Tls13,
        };

        using var scope = new TlsSessionScope(settings);
        await using var control = await ConnectAsync(server, scope.AuthenticateControlAsync, stream => stream, limit.Token);
        if (!scope.KeepsSessions)
        {
            return "the runtime makes its SSL in another way than expected";
        }

        for (var i = 0; i < DataHandshakes; i++)
        {
            var isResumed = false;
            await using var data = await ConnectAsync(
                server,
                scope.AuthenticateDataAsync,
                result =>
                {
                    isResumed = result.IsResumed;
                    return result.Stream;
                },
                limit.Token);
            if (!isResumed)
            {
                return $"data handshake {i + 1} did not resume the session";
            }
        }

        return null;
    }

    /// <summary>Handshakes, and moves one byte to the client, before which it also reads the session tickets.</summary>
    private static async Task<SslStream> ConnectAsync<T>(
        SslServerAuthenticationOptions options,
        Func<Stream, CancellationToken, Task<T>> authenticate,
        Func<T, SslStream> streamOf,
        CancellationToken cancellationToken)
    {
        var up = new Pipe();
        var down = new Pipe();
        var server = new SslStream(new TwoWayStream(up.Reader.AsStream(), down.Writer.AsStream()));
        var serving = server.AuthenticateAsServerAsync(options, cancellationToken);
        var client = streamOf(await authenticate(new TwoWayStream(down.Reader.AsStream(), up.Writer.AsStream()), cancellationToken));
        await serving;
        await server.WriteAsync(new byte[1], cancellationToken);
        await client.ReadExactlyAsync(new byte[1], cancellationToken);
        await server.DisposeAsync();
        return client;
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }
}
