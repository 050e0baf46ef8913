
namespace Gateway.Ftps.Transport;

/// <summary>Why a handshake failed, read from what the runtime and OpenSSL say: neither has error codes for it.</summary>
internal static class TlsFailures
{
    public static TlsException Explain(Exception error)
    {
        var text = TextOf(error);
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

        if (Has(text, "wrong version number", "packet length too long", "corrupted frame", "http request", "unexpected message", "record layer failure"))
        {
            return Handshake("The server did not answer with TLS: check Port and Ftps:Mode (implicit TLS is usual on 990, explicit on 21).", error);
        }

        return error is IOException || Has(text, "unexpected eof", "EOF or 0 bytes")
            ? new TlsException(TlsFailure.ConnectionLost, "The server closed the connection during the TLS handshake.", error)
            : Handshake("The TLS handshake with the server failed.", error);
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
