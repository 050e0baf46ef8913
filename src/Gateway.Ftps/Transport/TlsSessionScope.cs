using System.Collections.Concurrent;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Ftps.Transport;

/// <summary>
/// The TLS sessions of one control connection and its data connections. Most FTP servers refuse a data connection whose TLS session is
/// not resumed from its control connection's (vsftpd <c>require_ssl_reuse</c>, ProFTPD without <c>NoSessionReuseRequired</c>, FileZilla
/// Server). <see cref="SslStream"/> resumes sessions, but not reliably enough for that, so this file, and no other, rests on how the
/// runtime uses OpenSSL:
/// <list type="bullet">
/// <item>The runtime keeps one <c>SSL_CTX</c> per set of options and in it one session per target host, so parallel control connections
/// would overwrite each other's. Bits of <see cref="SslProtocols"/> that mean no protocol are part of the set's key and change nothing
/// else: each scope sets its own number there and so gets an <c>SSL_CTX</c> of its own. The runtime drops it when nobody uses it any more.</item>
/// <item>It resumes only with a target host that is a name, and not with a callback that selects client certificates.</item>
/// <item>OpenSSL drops a client's TLS 1.3 session from the cache once it was resumed (RFC 8446, C.4, asks clients not to reuse tickets;
/// FTP servers that give no new one leave no choice). While the cache of the <c>SSL_CTX</c> is off, nothing is dropped: it is switched off
/// during each data handshake. The <c>SSL_CTX</c> is found through OpenSSL's own ex-data hook, which sees every new <c>SSL</c>.</item>
/// </list>
/// <see cref="TlsSessionSelfTest"/> proves the last point inside the process; without it TLS 1.3 is not offered.
/// </summary>
internal sealed class TlsSessionScope : IDisposable
{
    private const int NumberBits = 17;

    /// <summary>What TLS is told where the host is an address (RFC 6066 forbids those in SNI). A reserved name (RFC 2606).</summary>
    private const string NameForAddresses = "ftps.invalid";

    private static readonly ConcurrentDictionary<int, byte> s_numbers = new();
    private static int s_lastNumber;

    private readonly TlsSettings _settings;
    private readonly int _number;
    private readonly Lock _contextGate = new();
    private CertificateFingerprint? _controlCertificate;
    private nint _context;
    private bool _disposed;

    public TlsSessionScope(TlsSettings settings)
    {
        _settings = settings;
        do
        {
            _number = Interlocked.Increment(ref s_lastNumber) & ((1 << NumberBits) - 1);
        }
        while (_number == 0 || !s_numbers.TryAdd(_number, 0));
    }

    /// <summary>Whether the <c>SSL_CTX</c> of the control connection was found: without it a TLS 1.3 session is good for one data connection.</summary>
    internal bool KeepsSessions => _context != 0;

    /// <summary>Finds what this file needs of OpenSSL; once in the life of the process, before the first handshake.</summary>
    /// <returns>Null, or why it cannot be had.</returns>
    internal static string? Install() => OpenSsl.Install();

    /// <summary>The handshake of the control connection.</summary>
    /// <exception cref="TlsException">It failed; the stream is disposed.</exception>
    public async Task<SslStream> AuthenticateControlAsync(Stream transport, CancellationToken cancellationToken)
    {
        var (stream, _) = await AuthenticateAsync(transport, isData: false, cancellationToken);
        return stream;
    }

    /// <summary>The handshake of a data connection, after that of the control connection and one at a time.</summary>
    /// <returns>The stream, and whether the session was resumed.</returns>
    /// <exception cref="TlsException">It failed; the stream is disposed.</exception>
    public async Task<(SslStream Stream, bool IsResumed)> AuthenticateDataAsync(Stream transport, CancellationToken cancellationToken)
    {
        SwitchSessionCache(on: false);
        try
        {
            return await AuthenticateAsync(transport, isData: true, cancellationToken);
        }
        finally
        {
            SwitchSessionCache(on: true);
        }
    }

    public void Dispose()
    {
        nint context;
        lock (_contextGate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            context = _context;
            _context = 0;
        }

        if (context != 0)
        {
            OpenSsl.Release(context);
        }

        s_numbers.TryRemove(_number, out _);
    }

    private async Task<(SslStream Stream, bool IsResumed)> AuthenticateAsync(Stream transport, bool isData, CancellationToken cancellationToken)
    {
        string? fault = null;
        var socket = transport as SocketStream;
        socket?.ExpectTls();
        var stream = new SslStream(transport, leaveInnerStreamOpen: false);
        var options = CreateOptions((certificate, chain, errors) =>
        {
            fault = FindFault(certificate, chain, errors, isData);
            return fault is null;
        });
        try
        {
            // The runtime makes the SSL in the part that runs before the first wait, on this thread.
            OpenSsl.LastSsl = 0;
            var handshake = stream.AuthenticateAsClientAsync(options, cancellationToken);
            var ssl = OpenSsl.LastSsl;
            await handshake;

            if (!isData)
            {
                _controlCertificate = CertificateFingerprint.Of(stream.RemoteCertificate!);
                KeepContext(ssl);
            }

            var isResumed = ssl != 0 && OpenSsl.IsResumed(ssl);
            GC.KeepAlive(stream);
            return (stream, isResumed);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw fault is null ? TlsFailures.Explain(e, socket?.IsAnsweredWithTls ?? true) : new TlsException(TlsFailure.Certificate, fault, e);
        }
    }

    private SslClientAuthenticationOptions CreateOptions(Func<X509Certificate2?, X509Chain?, SslPolicyErrors, bool> validate) => new()
    {
        TargetHost = Uri.CheckHostName(_settings.Host) == UriHostNameType.Dns ? _settings.Host : NameForAddresses,
        EnabledSslProtocols = WithNumber(_settings.Protocols),
        ClientCertificateContext = _settings.ClientCertificate,
        CertificateChainPolicy = _settings.Certificates.CreateChainPolicy(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) => validate(certificate as X509Certificate2, chain, errors),
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        AllowRenegotiation = false,
        AllowTlsResume = true,
    };

    private SslProtocols WithNumber(SslProtocols protocols) => (SslProtocols)((int)protocols | ShiftToUnused(_number));

    /// <summary>Above Tls13 (bits 12 and 13), below the sign.</summary>
    private static int ShiftToUnused(int number) => number << 14;

    /// <summary>The runtime asks on resumed sessions too. A data connection must reach the server that the control connection reached.</summary>
    private string? FindFault(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, bool isData) =>
        _settings.Certificates.FindFault(certificate, chain, errors)
        ?? (isData && !CertificateFingerprint.Of(certificate!).Equals(_controlCertificate)
            ? "The data connection shows another certificate than the control connection: somebody else answers there, or a load balancer splits them."
            : null);

    private void KeepContext(nint ssl)
    {
        if (ssl == 0 || !_settings.Protocols.HasFlag(SslProtocols.Tls13))
        {
            return;
        }

        lock (_contextGate)
        {
            if (!_disposed)
            {
                _context = OpenSsl.AcquireContext(ssl);
            }
        }
    }

    private void SwitchSessionCache(bool on)
    {
        lock (_contextGate)
        {
            if (_context != 0)
            {
                OpenSsl.SwitchClientCache(_context, on);
            }
        }
    }

    /// <summary>The OpenSSL that the runtime has loaded: not another copy, however it is named.</summary>
    private static unsafe class OpenSsl
    {
        private const int ExIndexSsl = 0;
        private const int SetSessionCacheMode = 44;

        /// <summary>The SSL that was made last on this thread; 0 where the hook is not installed.</summary>
        [ThreadStatic]
        public static nint LastSsl;

        private static delegate* unmanaged<nint, nint> s_getContext;
        private static delegate* unmanaged<nint, int> s_acquireContext;
        private static delegate* unmanaged<nint, void> s_releaseContext;
        private static delegate* unmanaged<nint, int, nint, nint, nint> s_controlContext;
        private static delegate* unmanaged<nint, int> s_isResumed;

        /// <summary>Finds the functions and installs the hook; once.</summary>
        /// <returns>Null, or why not.</returns>
        public static string? Install()
        {
            LoadByTheRuntime();
            if (!TryLoad("libssl.so", out var ssl) || !TryLoad("libcrypto.so", out var crypto))
            {
                return "the runtime's OpenSSL was not found in the process";
            }

            if (!NativeLibrary.TryGetExport(ssl, "SSL_get_SSL_CTX", out var getContext)
                || !NativeLibrary.TryGetExport(ssl, "SSL_CTX_up_ref", out var acquireContext)
                || !NativeLibrary.TryGetExport(ssl, "SSL_CTX_free", out var releaseContext)
                || !NativeLibrary.TryGetExport(ssl, "SSL_CTX_ctrl", out var controlContext)
                || !NativeLibrary.TryGetExport(ssl, "SSL_session_reused", out var isResumed)
                || !NativeLibrary.TryGetExport(crypto, "CRYPTO_get_ex_new_index", out var newIndex))
            {
                return "the runtime's OpenSSL lacks a function";
            }

            s_getContext = (delegate* unmanaged<nint, nint>)getContext;
            s_acquireContext = (delegate* unmanaged<nint, int>)acquireContext;
            s_releaseContext = (delegate* unmanaged<nint, void>)releaseContext;
            s_controlContext = (delegate* unmanaged<nint, int, nint, nint, nint>)controlContext;
            s_isResumed = (delegate* unmanaged<nint, int>)isResumed;
            var install = (delegate* unmanaged<int, nint, nint, delegate* unmanaged<nint, nint, nint, int, nint, nint, void>, nint, nint, int>)newIndex;
            return install(ExIndexSsl, 0, 0, &OnNewSsl, 0, 0) < 0 ? "OpenSSL refused the hook" : null;
        }

        /// <summary>The context of an SSL, with a reference to be released.</summary>
        public static nint AcquireContext(nint ssl)
        {
            var context = s_getContext(ssl);
            return context != 0 && s_acquireContext(context) == 1 ? context : 0;
        }

        public static void Release(nint context) => s_releaseContext(context);

        /// <summary>SSL_SESS_CACHE_OFF is 0, SSL_SESS_CACHE_CLIENT is 1.</summary>
        public static void SwitchClientCache(nint context, bool on) => s_controlContext(context, SetSessionCacheMode, on ? 1 : 0, 0);

        public static bool IsResumed(nint ssl) => s_isResumed(ssl) == 1;

        [UnmanagedCallersOnly]
        private static void OnNewSsl(nint parent, nint pointer, nint data, int index, nint argumentLong, nint argumentPointer) => LastSsl = parent;

        private static void LoadByTheRuntime()
        {
            if (OperatingSystem.IsLinux())
            {
                _ = SafeEvpPKeyHandle.OpenSslVersion;
            }
        }

        private static bool TryLoad(string name, out nint library)
        {
            library = 0;
            var paths = File.ReadLines("/proc/self/maps")
                .Select(line => line.IndexOf('/') is >= 0 and var start ? line[start..] : "")
                .Where(path => Path.GetFileName(path.AsSpan()).StartsWith(name, StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal)
                .ToArray();

            // Two copies in one process: no way to tell which one the runtime calls.
            return paths.Length == 1 && NativeLibrary.TryLoad(paths[0], out library);
        }
    }
}
