using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp.Transport;

public sealed class HostKeySearchTests
{
    private const string NoCertificates = "-*-cert-v01@openssh.com";

    [Fact]
    public void Types_that_were_shown_in_vain_are_left_out_one_after_the_other()
    {
        var search = new HostKeySearch(NewCommand(), remembered: null);
        Assert.Equal([NoCertificates], search.Algorithms);

        Assert.True(search.Continue(Unknown("ssh-ed25519", "a")));
        Assert.Equal([NoCertificates + ",ssh-ed25519"], search.Algorithms);
        Assert.True(search.Continue(Unknown("ecdsa-sha2-nistp256", "b")));
        Assert.True(search.Continue(Unknown("ssh-rsa", "c")));
        Assert.Equal([NoCertificates + ",ssh-ed25519,ecdsa-sha2-nistp256,ssh-rsa,rsa-sha2-*"], search.Algorithms);
        Assert.False(search.Continue(NoneLeft()));
    }

    [Fact]
    public void In_the_end_every_key_that_was_shown_is_named()
    {
        var search = new HostKeySearch(NewCommand(), remembered: null);
        Assert.True(search.Continue(Unknown("ssh-ed25519", "a")));
        Assert.True(search.Continue(Unknown("ssh-rsa", "b")));
        Assert.False(search.Continue(NoneLeft()));

        var failure = search.Conclude(NoneLeft());

        Assert.Equal(SshFailureKind.HostKeyUnknown, failure.Kind);
        Assert.Contains("SHA256:a (ssh-ed25519), SHA256:b (ssh-rsa)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_shows_the_same_key_again_is_not_asked_a_third_time()
    {
        var search = new HostKeySearch(NewCommand(), remembered: null);

        Assert.True(search.Continue(Unknown("ssh-ed25519", "a")));
        Assert.False(search.Continue(Unknown("ssh-ed25519", "a")));
    }

    [Fact]
    public void A_server_that_shows_ever_new_keys_is_given_up_after_five_attempts()
    {
        var search = new HostKeySearch(NewCommand(), remembered: null);
        var attempts = 1;
        while (search.Continue(Unknown("ssh-ed25519", $"key{attempts}")))
        {
            attempts++;
        }

        Assert.Equal(5, attempts);
    }

    [Fact]
    public void What_led_to_the_pinned_key_is_tried_first_and_dropped_when_it_no_longer_does()
    {
        var search = new HostKeySearch(NewCommand(), remembered: ["ssh-ed25519"]);
        Assert.Equal(["-ssh-ed25519"], search.Algorithms);

        Assert.True(search.Continue(NoneLeft()));

        Assert.Equal([NoCertificates], search.Algorithms);
    }

    [Theory]
    [InlineData(SshFailureKind.HostKeyChanged)]
    [InlineData(SshFailureKind.HostKeyRevoked)]
    [InlineData(SshFailureKind.AuthenticationRefused)]
    [InlineData(SshFailureKind.ClosedDuringLogin)]
    [InlineData(SshFailureKind.NoCommonAlgorithm)]
    public void No_other_failure_is_tried_again(object kind)
    {
        var failure = new SshFailure((SshFailureKind)kind, "sentence", "") { OfferedHostKey = new OfferedHostKey("ssh-ed25519", "SHA256:a", 0) };
        var search = new HostKeySearch(NewCommand(), remembered: null);

        Assert.False(search.Continue(failure));
        Assert.Same(failure, search.Conclude(failure));
    }

    [Fact]
    public void Without_pins_ssh_orders_the_types_by_the_known_hosts_file_itself()
    {
        var search = new HostKeySearch(new SshCommand { Host = "h", Username = "u", KnownHostsFile = "/k" }, remembered: null);

        Assert.Equal([null], search.Algorithms);
        Assert.False(search.Continue(Unknown("ssh-ed25519", "a")));
    }

    [Fact]
    public void Beside_a_known_hosts_file_certificates_are_welcome_until_one_is_shown_in_vain()
    {
        var search = new HostKeySearch(NewCommand(knownHosts: "/k"), remembered: null);
        Assert.Equal([null], search.Algorithms);

        Assert.True(search.Continue(Unknown("ssh-ed25519-cert-v01@openssh.com", "a")));

        Assert.Equal([NoCertificates], search.Algorithms);
    }

    [Fact]
    public void Each_server_of_a_chain_is_searched_by_itself()
    {
        var search = new HostKeySearch(NewCommand(jumps: [new JumpHost(null, "gate", 22)]), remembered: null);

        Assert.True(search.Continue(Unknown("ssh-ed25519", "a", hop: 1)));

        Assert.Equal([NoCertificates, NoCertificates + ",ssh-ed25519"], search.Algorithms);
    }

    private static SshCommand NewCommand(string? knownHosts = null, JumpHost[]? jumps = null)
    {
        Assert.True(HostKeyFingerprint.TryParse("SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU", out var pin, out _));
        return new SshCommand { Host = "h", Username = "u", HostKeyFingerprints = [pin], KnownHostsFile = knownHosts, Jumps = jumps ?? [] };
    }

    private static SshFailure Unknown(string type, string hash, int hop = 0) =>
        new(SshFailureKind.HostKeyUnknown, "sentence", "") { OfferedHostKey = new OfferedHostKey(type, "SHA256:" + hash, hop) };

    private static SshFailure NoneLeft() => new(SshFailureKind.NoCommonAlgorithm, "sentence", "");
}
