using Gateway.Api.Configuration;
using Gateway.Api.Management;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.Api.Management;

public class ListenAddressesTests
{
    [Theory]
    [InlineData("urls", "http://localhost:8080", "http://localhost:9090")]
    [InlineData("urls", "http://127.0.0.1:0", "http://127.0.0.1:9090")]
    [InlineData("urls", "http://127.0.0.1:8080;https://10.0.0.7:8443", "http://127.0.0.1:9090;http://10.0.0.7:9090")]
    [InlineData("urls", "http://localhost:8080;http://*:8081", "http://*:9090")]
    [InlineData("urls", "http://[::]:8080", "http://*:9090")]
    [InlineData("urls", "http://[::1]:8080", "http://[::1]:9090")]
    [InlineData("urls", "http://files.example.com:8080", "http://*:9090")]
    [InlineData("urls", "http://unix:/run/gateway.sock", "http://localhost:9090")]
    [InlineData("http_ports", "8080;8081", "http://*:9090")]
    [InlineData("https_ports", "8443", "http://*:9090")]
    [InlineData("other", "", "http://localhost:9090")]
    [InlineData("Kestrel:Endpoints:Public:Url", "https://127.0.0.1:8443", "http://127.0.0.1:9090")]
    public void Operators_are_listened_for_where_callers_are(string key, string value, string expected) =>
        Assert.Equal(expected, string.Join(';', ListenAddresses.ForManagement(Configure((key, value)), 9090)));

    [Theory]
    [InlineData("urls", "http://localhost:9090")]
    [InlineData("http_ports", "8080;9090")]
    [InlineData("Kestrel:Endpoints:Public:Url", "https://*:9090")]
    public void A_port_is_one_or_the_other(string key, string value)
    {
        var exception = Assert.Throws<InvalidConfigurationException>(() => ListenAddresses.ForManagement(Configure((key, value)), 9090));
        Assert.Equal("Gateway:Management:Port", Assert.Single(exception.Errors).Key);
    }

    [Fact]
    public void An_endpoint_of_their_own_is_taken_as_it_stands()
    {
        var configuration = Configure(("Kestrel:Endpoints:Public:Url", "https://*:8443"), ("Kestrel:Endpoints:Management:Url", "https://127.0.0.1:9090"));

        Assert.Empty(ListenAddresses.ForManagement(configuration, 9090));
        Assert.Equal(["https://*:8443"], ListenAddresses.ReadPublic(configuration));
        var exception = Assert.Throws<InvalidConfigurationException>(() => ListenAddresses.ForManagement(configuration, 9091));
        Assert.Equal("Kestrel:Endpoints:Management:Url", Assert.Single(exception.Errors).Key);
    }

    private static IConfiguration Configure(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();
}
