using System.Text;
using Gateway.Api.Configuration;
using Gateway.Api.Identity;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.Api.Identity;

public sealed class ApiKeyCommandTests
{
    [Fact]
    public void It_prints_the_key_once_and_a_configuration_that_the_gateway_takes()
    {
        var (code, output, errors) = Run("keys", "new", "erp", "--grants", "reports, inbox", "--expires", "2027-01-31");

        Assert.Equal((0, ""), (code, errors));
        var key = output.Split('\n').Single(line => line.TrimStart().StartsWith("gw_", StringComparison.Ordinal)).Trim();
        var json = output[output.IndexOf('{', StringComparison.Ordinal)..(output.LastIndexOf('}') + 1)];
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).AddInMemoryCollection(
            new[] { "reports", "inbox" }.SelectMany(grant => new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                [$"Gateway:Grants:{grant}:0:Backend"] = "*",
                [$"Gateway:Grants:{grant}:0:Path"] = "/**",
                [$"Gateway:Grants:{grant}:0:Allow:0"] = "read",
            })).Build();
        var read = Assert.Single(new GatewaySettingsReader(configuration, []).Read().Identity.ApiKeys);
        Assert.Equal(("erp", new DateOnly(2027, 1, 31)), (read.Name, read.Expires));
        Assert.True(ApiKeyHash.IsKeyOf(read.Hash, key));
        Assert.Equal(output.IndexOf(key, StringComparison.Ordinal), output.LastIndexOf(key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("keys new")]
    [InlineData("keys old erp")]
    [InlineData("keys new erp --expires 31.1.2027")]
    [InlineData("keys new erp --expires")]
    [InlineData("keys new erp --grant a")]
    [InlineData("keys new -erp")]
    [InlineData("keys new e:rp")]
    [InlineData("keys new e__rp")]
    public void What_is_not_understood_makes_no_key(string line)
    {
        var (code, output, errors) = Run(line.Split(' '));

        Assert.Equal(64, code);
        Assert.Empty(output);
        Assert.NotEmpty(errors);
    }

    private static (int Code, string Output, string Errors) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        return (ApiKeyCommand.Run(args, output, errors), output.ToString(), errors.ToString());
    }
}
