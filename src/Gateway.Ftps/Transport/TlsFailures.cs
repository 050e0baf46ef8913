
namespace Gateway.Ftps.Transport;

/// <summary>Why a handshake failed, read from what the runtime and OpenSSL say: neither has error codes for it.</summary>
internal static class TlsFailures
{
    /// <param name="error">What the runtime threw.</param>
    /// <param name="isTls">Whether the peer's answer looked like TLS at all.</param>
    public static TlsException Explain(Exception error, bool isTls)
    {
        var text = TextOf(error);
        if (!isTls && error is not IOException)
        {
            return Handshake("The server did not answer with TLS: check Port and Ftps:Mode (implicit TLS is usual on 990, explicit on 21).", error);
        }

        if (Has(text, "alert protocol version", "unsupported protocol", "no protocols available"))
        {
            return Handshake("The server and the gateway have no TLS version in common: see Ftps:MinimumTlsVersion, or update the server.", error);
        }

        if (Has(text, "certificate required", "alert bad certificate", "alert unknown ca", "alert certificate"))
        {
            return Handshake("The server did not accept the gateway's own certificate, or wants one: see Ftps:ClientCertificateFile.", error);
        }

        if (Has(text, "handshake failure", "no shared cipher", "no ciphers available"))
        {
            return Handshake("The server and the gateway have no TLS cipher in common, or the server wants a certificate (Ftps:ClientCertificateFile).", error);
        }

        return error is IOException || Has(text, "unexpected eof", "EOF or 0 bytes")
            ? new TlsException(TlsFailure.ConnectionLost, "The server closed the connection during the TLS handshake.", error)
            : Handshake("The server broke the TLS handshake off: it and the gateway may have no TLS version in common (Ftps:MinimumTlsVersion).", error);
    }

    private static TlsException Handshake(string sentence, Exception error) => new(TlsFailure.Handshake, sentence, error);

    private static string TextOf(Exception? error)
    {
        var text = "";
        for (; error is not null; error = error.InnerException)
        {
            text += error.Message + "\n";
        }

        return text;
    }

    private static bool Has(string text, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (text.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
