using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp.Transport;

public sealed class SshAddressTests
{
    [Theory]
    [InlineData("files.example.com")]
    [InlineData("10.0.0.7")]
    [InlineData("::1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("under_score")]
    public void A_host_is_a_name_or_an_address(string host) => Assert.Null(SshAddress.WhyNotHost(host));

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=touch /tmp/owned")]
    [InlineData("host;id")]
    [InlineData("$(id)")]
    [InlineData("a b")]
    [InlineData("host\n")]
    [InlineData("host:22")]
    [InlineData("[::1]")]
    [InlineData("user@host")]
    [InlineData("sftp://host")]
    [InlineData("%h")]
    [InlineData("bücher.example")]
    public void Anything_that_ssh_or_a_shell_could_take_for_something_else_is_no_host(string host) =>
        Assert.NotNull(SshAddress.WhyNotHost(host));

    [Theory]
    [InlineData("alice")]
    [InlineData("alice@example.com")]
    [InlineData("CORP\\alice")]
    [InlineData("alice smith")]
    [InlineData("jürgen")]
    [InlineData("%h")]
    public void An_account_may_have_an_unusual_name(string user) => Assert.Null(SshAddress.WhyNotUser(user));

    [Theory]
    [InlineData("")]
    [InlineData("-l")]
    [InlineData("a -oProxyCommand=id")]
    [InlineData("a;id")]
    [InlineData("a`id`")]
    [InlineData("a\nb")]
    [InlineData("a\"b")]
    [InlineData("alice\\")]
    public void A_name_that_ssh_refuses_is_refused_before(string user) => Assert.NotNull(SshAddress.WhyNotUser(user));

    [Fact]
    public void Jump_hosts_are_read_in_order()
    {
        Assert.True(SshAddress.TryParseJumps("ops@gate:2222, [fe80::1]:22,10.0.0.1,ssh://a@b@inner:7/", out var jumps, out var reason), reason);

        Assert.Equal([new("ops", "gate", 2222), new(null, "fe80::1", 22), new(null, "10.0.0.1", 22), new("a@b", "inner", 7)], jumps);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gate,")]
    [InlineData("gate:0")]
    [InlineData("gate:99999")]
    [InlineData("gate:-1")]
    [InlineData("gate:+22")]
    [InlineData("[::1")]
    [InlineData("[::1]22")]
    [InlineData("-oX@gate")]
    [InlineData("u@-gate")]
    [InlineData("u@gate'")]
    public void A_jump_host_that_cannot_be_read_is_refused_with_its_form(string text)
    {
        Assert.False(SshAddress.TryParseJumps(text, out var jumps, out var reason));
        Assert.Empty(jumps);
        Assert.Contains("user@host:port", reason, StringComparison.Ordinal);
    }
}
