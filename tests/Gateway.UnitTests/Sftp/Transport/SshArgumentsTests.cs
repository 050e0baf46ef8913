using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp.Transport;

public sealed class SshArgumentsTests
{
    private const string Pin = "SHA256:5XG4ibvsrXC7UXKA4LwENOOcldnaiSWTuMoyguDI+xU";

    [Fact]
    public void Only_the_argument_list_configures_ssh_and_only_the_sftp_subsystem_is_opened()
    {
        var arguments = SshArguments.ForSftp(WithKey());

        Assert.Equal(["ssh", "-F", "none", "-T", "-a", "-x"], arguments.Take(6));
        Assert.Equal(["-p", "2222", "-l", "alice", "-s", "--", "files.example.com", "sftp"], arguments.TakeLast(8));
    }

    [Fact]
    public void Every_option_stands_once_because_in_ssh_the_first_value_wins()
    {
        var names = OptionsOf(SshArguments.ForSftp(WithEverything())).Select(option => option.Split('=')[0]).ToArray();

        Assert.Equal(names.Distinct(StringComparer.OrdinalIgnoreCase), names);
    }

    [Fact]
    public void No_secret_is_among_the_arguments_or_in_the_environment()
    {
        var command = WithEverything();

        var everything = string.Join('\n', [.. SshArguments.ForSftp(command), .. SshArguments.Environment]);
        everything += command.ToString();
        Assert.DoesNotContain("hunter2", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("open sesame", everything, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_key_must_be_known_beforehand()
    {
        var options = OptionsOf(SshArguments.ForSftp(WithKey()));

        Assert.Contains("StrictHostKeyChecking=yes", options);
        Assert.Contains("UserKnownHostsFile=none", options);
        Assert.Contains("GlobalKnownHostsFile=none", options);
        Assert.Contains("NoHostAuthenticationForLocalhost=no", options);
        Assert.Contains("VerifyHostKeyDNS=no", options);
        Assert.Contains("UpdateHostKeys=no", options);
        Assert.Contains(options, option => option.StartsWith("KnownHostsCommand=/bin/sh -c ", StringComparison.Ordinal) && option.EndsWith(Pin, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_alone_asks_nothing_and_tries_no_password()
    {
        var options = OptionsOf(SshArguments.ForSftp(WithKey()));

        Assert.Contains("BatchMode=yes", options);
        Assert.Contains("IdentityFile=\"/keys/id\"", options);
        Assert.Contains("IdentitiesOnly=yes", options);
        Assert.Contains("IdentityAgent=none", options);
        Assert.Contains("PasswordAuthentication=no", options);
        Assert.Contains("KbdInteractiveAuthentication=no", options);
    }

    [Fact]
    public void A_password_alone_tries_no_key_not_even_one_in_a_home_folder()
    {
        var options = OptionsOf(SshArguments.ForSftp(WithPassword()));

        Assert.Contains("BatchMode=no", options);
        Assert.Contains("PubkeyAuthentication=no", options);
        Assert.Contains("IdentityFile=none", options);
        Assert.Contains("PasswordAuthentication=yes", options);
        Assert.Contains("KbdInteractiveAuthentication=yes", options);
        Assert.Contains("NumberOfPasswordPrompts=1", options);
    }

    [Fact]
    public void A_key_comes_before_the_password_where_there_are_both() =>
        Assert.Contains("PreferredAuthentications=publickey,password,keyboard-interactive", OptionsOf(SshArguments.ForSftp(WithEverything())));

    [Fact]
    public void Fast_ciphers_come_first_and_the_others_stay() =>
        Assert.Contains("Ciphers=^aes128-gcm@openssh.com,aes256-gcm@openssh.com", OptionsOf(SshArguments.ForSftp(WithKey())));

    [Fact]
    public void The_connect_timeout_is_rounded_up_to_the_seconds_that_ssh_counts_in()
    {
        var command = new SshCommand { Host = "h", Username = "u", ConnectTimeout = TimeSpan.FromMilliseconds(1200) };

        Assert.Contains("ConnectTimeout=2", OptionsOf(SshArguments.ForSftp(command)));
    }

    [Theory]
    [InlineData("/a b/k", "\"/a b/k\"")]
    [InlineData("/a\"b/k", "\"/a\\\"b/k\"")]
    [InlineData("/a\\b/k", "\"/a\\\\b/k\"")]
    [InlineData("/100%d/k", "\"/100%%d/k\"")]
    public void A_path_is_one_word_taken_literally(string path, string expected)
    {
        var command = new SshCommand { Host = "h", Username = "u", PrivateKeyFile = path, KnownHostsFile = path, CertificateFile = path };

        var options = OptionsOf(SshArguments.ForSftp(command));

        Assert.Contains("IdentityFile=" + expected, options);
        Assert.Contains("UserKnownHostsFile=" + expected, options);
        Assert.Contains("CertificateFile=" + expected, options);
    }

    [Fact]
    public void Without_jump_hosts_there_is_no_proxy() =>
        Assert.Contains("ProxyCommand=none", OptionsOf(SshArguments.ForSftp(WithKey())));

    [Fact]
    public void A_jump_host_is_held_to_the_same_rules()
    {
        var proxy = ProxyOf(WithEverything());

        Assert.Contains("'-F' 'none'", proxy, StringComparison.Ordinal);
        Assert.Contains("'StrictHostKeyChecking=yes'", proxy, StringComparison.Ordinal);
        Assert.Contains("'GlobalKnownHostsFile=none'", proxy, StringComparison.Ordinal);
        Assert.Contains("'UserKnownHostsFile=\"/keys/known_hosts\"'", proxy, StringComparison.Ordinal);
        Assert.Contains(Pin, proxy, StringComparison.Ordinal);
        Assert.Contains("'IdentityFile=\"/keys/id\"'", proxy, StringComparison.Ordinal);
        Assert.EndsWith("'-p' '22' '-l' 'ops' '-W' 'files.example.com:2222' '--' 'gate'", proxy, StringComparison.Ordinal);
    }

    [Fact]
    public void An_IPv6_target_is_put_in_brackets_for_the_jump_host()
    {
        var command = new SshCommand { Host = "fe80::1", Username = "u", Jumps = [new JumpHost(null, "gate", 22)] };

        Assert.Contains("'-l' 'u' '-W' '[fe80::1]:22'", ProxyOf(command), StringComparison.Ordinal);
    }

    [Fact]
    public void Percent_signs_survive_every_level_of_a_chain()
    {
        var command = new SshCommand
        {
            Host = "h", Username = "u", PrivateKeyFile = "/100%d/k", Jumps = [new JumpHost(null, "first", 22), new JumpHost(null, "second", 22)],
        };

        // One doubling for the path's own tokens, one more for each ProxyCommand that it passes through.
        var outer = ProxyOf(command);
        Assert.Contains("IdentityFile=\"/100%%%%d/k\"", outer, StringComparison.Ordinal);
        Assert.Contains("IdentityFile=\"/100%%%%%%%%d/k\"", outer, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_server_of_a_chain_has_its_own_host_key_algorithms()
    {
        var command = WithEverything() with { HostKeyAlgorithms = ["-ssh-ed25519", "-ecdsa-sha2-nistp256"] };

        Assert.Contains("HostKeyAlgorithms=-ecdsa-sha2-nistp256", OptionsOf(SshArguments.ForSftp(command)));
        Assert.Contains("'HostKeyAlgorithms=-ssh-ed25519'", ProxyOf(command), StringComparison.Ordinal);
    }

    private static SshCommand WithKey() => new()
    {
        Host = "files.example.com", Port = 2222, Username = "alice", PrivateKeyFile = "/keys/id", HostKeyFingerprints = [ParsePin()],
    };

    private static SshCommand WithPassword() => new() { Host = "files.example.com", Username = "alice", Password = "hunter2" };

    private static SshCommand WithEverything() => new()
    {
        Host = "files.example.com",
        Port = 2222,
        Username = "alice",
        Password = "hunter2",
        PrivateKeyFile = "/keys/id",
        Passphrase = "open sesame",
        CertificateFile = "/keys/id-cert.pub",
        KnownHostsFile = "/keys/known_hosts",
        HostKeyFingerprints = [ParsePin()],
        Jumps = [new JumpHost("ops", "gate", 22)],
    };

    private static HostKeyFingerprint ParsePin()
    {
        Assert.True(HostKeyFingerprint.TryParse(Pin, out var pin, out _));
        return pin;
    }

    private static string[] OptionsOf(IReadOnlyList<string> arguments) =>
        [.. arguments.Zip(arguments.Skip(1)).Where(pair => pair.First == "-o").Select(pair => pair.Second)];

    private static string ProxyOf(SshCommand command) =>
        OptionsOf(SshArguments.ForSftp(command)).Single(option => option.StartsWith("ProxyCommand=", StringComparison.Ordinal));
}
