using System.Globalization;
using System.Net;
using System.Text.Json;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Secrets;

/// <summary>Secrets that change while the gateway runs, as Kubernetes changes them.</summary>
public sealed class RotationTests
{
    [Fact]
    public async Task The_next_login_uses_the_new_key_and_work_on_the_old_one_ends_well()
    {
        await using var server = await SshServer.StartAsync();
        using var folder = new TempFolder();
        using var volume = new SecretVolume();
        var first = await MakeKeyAsync(server, folder, "first", "first passphrase");
        var second = await MakeKeyAsync(server, folder, "second", "second passphrase");
        var content = new byte[64 * 1024 * 1024];
        Random.Shared.NextBytes(content);
        server.Files.Write("/large", content);
        volume.Write(("key", await File.ReadAllTextAsync(first.PrivateKeyFile)), ("passphrase", "first passphrase\n"));
        await using var gateway = await StartAsync(folder, server, new { PrivateKeyFile = volume["key"], PassphraseFile = volume["passphrase"], server.HostKeyFingerprints });
        using var response = await gateway.Client.GetAsync(Url("large"), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var start = new byte[1000];
        await body.ReadExactlyAsync(start);
        Assert.DoesNotContain(second.Fingerprint, server.Log, StringComparison.Ordinal);

        volume.Write(("key", await File.ReadAllTextAsync(second.PrivateKeyFile)), ("passphrase", "second passphrase\n"));
        await Eventually.HoldsAsync(() => server.Log.Contains(second.Fingerprint, StringComparison.Ordinal));

        // What was under way on a connection of the old key goes on to its end.
        using var rest = new MemoryStream();
        await body.CopyToAsync(rest);
        Assert.True(content.AsSpan().SequenceEqual([.. start, .. rest.ToArray()]));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway));
        Assert.DoesNotContain("is not valid", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_is_corrected_is_tried_at_once()
    {
        await using var server = await SshServer.StartAsync();
        using var folder = new TempFolder();
        using var volume = new SecretVolume();
        volume.Write(("Gateway__Backends__real__Password", "wrong"));
        await using var gateway = await StartAsync(folder, server, new { server.HostKeyFingerprints }, volume.Path);
        Assert.Equal(HttpStatusCode.BadGateway, await StatusAsync(gateway));

        volume.Write(("Gateway__Backends__real__Password", server.Password + "\n"));

        await Eventually.HoldsAsync(async () => await StatusAsync(gateway) == HttpStatusCode.OK);
    }

    private static async Task<SshKeyPair> MakeKeyAsync(SshServer server, TempFolder folder, string name, string passphrase)
    {
        var pair = await SshKeyPair.CreateAsync(folder[name], passphrase: passphrase);
        server.Authorize(pair.PublicKey);
        return pair;
    }

    private static Task<GatewayProcess> StartAsync(TempFolder folder, SshServer server, object sftp, string? secrets = null)
    {
        var backend = new { Protocol = "sftp", server.Host, server.Port, server.Username, Root = server.RemoteRoot, Sftp = sftp };
        var json = JsonSerializer.Serialize(new { Gateway = new { Backends = new { real = backend } } });
        return GatewayProcess.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["GATEWAY_CONFIG"] = folder.Write("gateway.json", json),
            ["GATEWAY_SECRETS"] = secrets,
        });
    }

    private static async Task<HttpStatusCode> StatusAsync(GatewayProcess gateway)
    {
        using var response = await gateway.Client.GetAsync(new Uri("/v1/backends/real/directories/", UriKind.Relative));
        return response.StatusCode;
    }

    private static Uri Url(string path) => new(string.Create(CultureInfo.InvariantCulture, $"/v1/backends/real/files/{path}"), UriKind.Relative);
}
