using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp.Transport;

public sealed class HostKeyFingerprintTests
{
    private const string Printed = "SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU";

    [Theory]
    [InlineData(Printed)]
    [InlineData(Printed + "=")]
    [InlineData("  " + Printed + "\n")]
    [InlineData("sha256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU")]
    public void Every_spelling_of_a_fingerprint_becomes_the_one_that_ssh_prints(string text)
    {
        Assert.True(HostKeyFingerprint.TryParse(text, out var fingerprint, out var reason), reason);
        Assert.Equal(Printed, fingerprint.Text);
    }

    [Theory]
    [InlineData("MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "MD5 fingerprints can be forged")]
    [InlineData("16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "MD5 fingerprints can be forged")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEROZlDSPD9vURnYt7gdDUZIA", "whole public key")]
    [InlineData("SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI", "43 base64 digits")]
    [InlineData("SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU5XG4ibvs", "43 base64 digits")]
    [InlineData("SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI!xU", "43 base64 digits")]
    [InlineData("SHA256:", "43 base64 digits")]
    [InlineData("SHA1:5XG4ibvsrXC7UXKA4LwENOOcldn", "SHA256:…")]
    [InlineData("", "SHA256:…")]
    [InlineData(null, "SHA256:…")]
    public void Anything_else_is_refused_with_what_to_write_instead(string? text, string expected)
    {
        Assert.False(HostKeyFingerprint.TryParse(text, out _, out var reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }
}
