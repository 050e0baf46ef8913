using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp.Transport;

/// <summary>Certificates as ssh-keygen made them: <c>-V 20240101:20400101</c>, <c>forever</c>, and <c>-h</c>.</summary>
public sealed class SshCertificateTests
{
    private const string Ed25519Certificate =
        "ssh-ed25519-cert-v01@openssh.com "
        + "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAINLC5H2l0eImBrypfOA2UpczDGvk0IdEgbiqE0ne0yRvAAAA"
        + "IOEZs6aPSDOTxvK+uOeVA31Izk5gUNgAKVKfuT4EAOXTAAAAAAAAAAAAAAABAAAAB2dhdGV3YXkAAAAJAAAABWFsaWNlAAAAAGWS"
        + "AIAAAAAAg6p+gAAAAAAAAACCAAAAFXBlcm1pdC1YMTEtZm9yd2FyZGluZwAAAAAAAAAXcGVybWl0LWFnZW50LWZvcndhcmRpbmcA"
        + "AAAAAAAAFnBlcm1pdC1wb3J0LWZvcndhcmRpbmcAAAAAAAAACnBlcm1pdC1wdHkAAAAAAAAADnBlcm1pdC11c2VyLXJjAAAAAAAA"
        + "AAAAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIIIV3pul6hiUHdHeuQ01IG4I8kTnVFDyoQTo9pD4qbFAAAAAUwAAAAtzc2gtZWQyNTUx"
        + "OQAAAEC9mPGa6QFBY4JrTGYQf+ate/7JiQ9nCF/cIYuJNuesqpbglOoKCc7w7LpHmT2eaeW+qPcH+VQT0egbsz/9gP4K";

    private const string Ed25519Key =
        "ssh-ed25519 "
        + "AAAAC3NzaC1lZDI1NTE5AAAAIOEZs6aPSDOTxvK+uOeVA31Izk5gUNgAKVKfuT4EAOXT";

    private const string EcdsaCertificate =
        "ecdsa-sha2-nistp256-cert-v01@openssh.com "
        + "AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgOyOdzv9imCGzWQW2/EOHBHRMNK8eOQDuOt/s"
        + "oKhGwz4AAAAIbmlzdHAyNTYAAABBBFHXXbci30Op2DMhlEZORQIkWFmuAMNrNZ9gwJk7FvDD7wcd9vYJ/eMLSLGdriOM1BrpLU/9"
        + "SJIBgB6SALzfhJYAAAAAAAAAAAAAAAEAAAAHZ2F0ZXdheQAAAAkAAAAFYWxpY2UAAAAAAAAAAP//////////AAAAAAAAAIIAAAAV"
        + "cGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9y"
        + "d2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkA"
        + "AAAgghXem6XqGJQd0d65DTUgbgjyROdUUPKhBOj2kPipsUAAAABTAAAAC3NzaC1lZDI1NTE5AAAAQN+PHipEyJhByrcrgVcbtpUl"
        + "odI2O+fHhzQyk6sAiNZFBCL6Q+xpwHjNuojQ14V2AP74J+k2o5izhG8a6rBNYQE=";

    private const string EcdsaKey =
        "ecdsa-sha2-nistp256 "
        + "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFHXXbci30Op2DMhlEZORQIkWFmuAMNrNZ9gwJk7FvDD7wcd"
        + "9vYJ/eMLSLGdriOM1BrpLU/9SJIBgB6SALzfhJY=";

    private const string HostCertificate =
        "ecdsa-sha2-nistp256-cert-v01@openssh.com "
        + "AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgxcaFMqQPve2QoN/cK7g1fXFDQNkSSKW+mIrY"
        + "YJA5hu8AAAAIbmlzdHAyNTYAAABBBFHXXbci30Op2DMhlEZORQIkWFmuAMNrNZ9gwJk7FvDD7wcd9vYJ/eMLSLGdriOM1BrpLU/9"
        + "SJIBgB6SALzfhJYAAAAAAAAAAAAAAAIAAAAEaG9zdAAAAAUAAAABaAAAAABlkgCAAAAAAIOqfoAAAAAAAAAAAAAAAAAAAAAzAAAA"
        + "C3NzaC1lZDI1NTE5AAAAIIIV3pul6hiUHdHeuQ01IG4I8kTnVFDyoQTo9pD4qbFAAAAAUwAAAAtzc2gtZWQyNTUxOQAAAECUxfOs"
        + "oHBLm1u+W/kgkU+Ns4LowxD6kRyBr4/DiBBTyzPRlDIeUss6jjeCmbxnHIyA3DD27Sj3calrECUPiRAM";

    [Theory]
    [InlineData(Ed25519Certificate, Ed25519Key)]
    [InlineData(EcdsaCertificate, EcdsaKey)]
    public void A_certificate_says_which_key_it_certifies(string text, string key)
    {
        var certificate = SshCertificate.TryParse(text + " alice@laptop");

        Assert.NotNull(certificate);
        Assert.True(certificate.IsForUsers);
        Assert.Equal(Convert.FromBase64String(key.Split(' ')[1]), certificate.PublicKey);
    }

    [Fact]
    public void A_certificate_says_when_it_is_valid()
    {
        var certificate = SshCertificate.TryParse(Ed25519Certificate)!;

        Assert.Equal(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero), certificate.ValidAfter);
        Assert.Equal(new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero), certificate.ValidBefore);
        Assert.Equal(DateTimeOffset.MaxValue, SshCertificate.TryParse(EcdsaCertificate)!.ValidBefore);
    }

    [Fact]
    public void A_hosts_certificate_is_told_from_a_users() => Assert.False(SshCertificate.TryParse(HostCertificate)!.IsForUsers);

    [Theory]
    [InlineData("")]
    [InlineData(Ed25519Key)]
    [InlineData("ssh-ed25519-cert-v01@openssh.com")]
    [InlineData("ssh-ed25519-cert-v01@openssh.com not-base64!")]
    [InlineData("ssh-dss-cert-v01@openssh.com AAAA")]
    public void Anything_else_is_no_certificate(string text) => Assert.Null(SshCertificate.TryParse(text));

    [Fact]
    public void A_certificate_that_is_cut_off_anywhere_or_lies_about_a_length_is_none()
    {
        var blob = Convert.FromBase64String(Ed25519Certificate.Split(' ')[1]);

        // Everything up to the validity is read; what follows is for the server to judge.
        const int ReadLength = 160;
        for (var length = 0; length < ReadLength; length++)
        {
            Assert.Null(SshCertificate.TryParse("ssh-ed25519-cert-v01@openssh.com " + Convert.ToBase64String(blob.AsSpan(0, length))));
        }

        blob[0] = 0xff;
        Assert.Null(SshCertificate.TryParse("ssh-ed25519-cert-v01@openssh.com " + Convert.ToBase64String(blob)));
    }
}
