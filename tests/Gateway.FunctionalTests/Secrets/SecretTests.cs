using System.Net;
using Gateway.FunctionalTests.Http;
using Gateway.Testing;
using Gateway.Testing.Gateways;
using Gateway.Testing.Servers;
using Gateway.Testing.Telemetry;

namespace Gateway.FunctionalTests.Secrets;

/// <summary>Gives the gateway a secret of each kind, right ones and wrong ones, lets it do all that it does, and looks for them in all that leaves it.</summary>
public sealed class SecretTests
{
    private const string WrongPin = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

    [Fact]
    public async Task Nothing_that_leaves_the_gateway_holds_a_secret()
    {
        var hunt = new SecretHunt();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var ssh = await SshServer.StartAsync();
        await using var ftps = await VsftpdServer.StartAsync();
        using var folder = new TempFolder();
        using var volume = new SecretVolume();
        var world = new SecretWorld(hunt, folder, volume, ssh, ftps);
        await world.PrepareAsync();

        await using (var gateway = await GatewayProcess.StartAsync(world.Environment(receiver.HttpEndpoint)))
        await using (var spy = new ProcessSpy(gateway.Id))
        {
            var caller = new SecretCaller(hunt, gateway.Client, world.ApiKey, world.Backends);
            await caller.WorkAsync();
            await caller.MistakeAsync();
            await caller.ShareAsync();
            await TellRawAsync(gateway, hunt);

            // Keys are changed, well and badly, and connections die under load.
            world.Rotate();
            await Eventually.HoldsAsync(async () => await caller.StatusAsync("/v1/backends/key/files/a") == HttpStatusCode.OK && gateway.Output.Contains("is in force", StringComparison.Ordinal));
            world.Break();
            await Eventually.HoldsAsync(() => gateway.Output.Contains("is not valid", StringComparison.Ordinal));
            await Task.WhenAll(caller.WorkAsync(), Task.Run(() => ProcessTree.KillDescendants(gateway.Id)));
            await caller.MistakeAsync();
            await Eventually.HoldsAsync(() => receiver.Spans.Count > 0 && receiver.Points.Count > 0);
            Assert.All(receiver.Keys, key => Assert.StartsWith("Otel", key, StringComparison.Ordinal));
            gateway.Terminate();
            Assert.Equal(0, await gateway.WaitForExitAsync());

            hunt.Look("the log", gateway.Output);
            Assert.Contains("trce: ", gateway.Output, StringComparison.Ordinal);
            Assert.Contains(spy.Seen, text => text.Contains("ssh-keygen", StringComparison.Ordinal));
            Assert.Contains(spy.Seen, text => text.StartsWith("environ: PATH", StringComparison.Ordinal));
            Assert.All(spy.Seen, text => hunt.Look("a process", text));
        }

        Assert.All(receiver.Bodies, body => hunt.Look("telemetry", body));
        foreach (var file in Directory.EnumerateFiles(world.TemporaryFolder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Device }))
        {
            hunt.Look("a temporary file", await File.ReadAllBytesAsync(file));
        }

        Assert.True(hunt.Looks > 100);
        Assert.Empty(hunt.Findings);
    }

    [Fact]
    public async Task A_start_that_fails_tells_no_secret()
    {
        var hunt = new SecretHunt();
        using var folder = new TempFolder();
        using var volume = new SecretVolume();
        var secret = hunt.Add("secret", SecretHunt.NewValue("Misplaced"));
        hunt.Add("number", "493817263549182736");
        var places = new[]
        {
            "Port", "Protocol", "ReadOnly", "Symlinks", "Root", "Password", "Passwrd", "Pool__MaxConnections", "Pool__AcquireTimeout", "Transfers__MaxUploadBytes",
            "Sftp", "Sftp__HostKeyFingerprints__0", "Sftp__HostKeyFingerprints", "Sftp__ProxyJump", "Sftp__PassphraseFile", "Sftp__BannerTimeout", "Host", "Username",
        };
        foreach (var value in new[] { secret, "493817263549182736", secret + "\0" + secret })
        {
            volume.Write(
            [
                .. places.Select(place => ("Gateway__Backends__b__" + place, value)),
                .. new[] { "Identity__Anonymous", "Identity__ApiKeys__k__Hash", "Identity__ApiKeys__k__Expires", "Identity__ApiKeys__k__Grants__0", "Identity__Jwt__Authority", "Identity__Jwt__Algorithms__0", "Links__KeyFile", "Links__MaxLifetime", "Management__Port", "Limits__RequestsPerMinute", "Cors__Origins__0", "Proxies__Known__0", "ShutdownTimeout", "Anything", "Grants__g" }
                    .Select(place => ("Gateway__" + place, value)),
            ]);

            var (exitCode, output) = await GatewayProcess.RunAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["GATEWAY_SECRETS"] = volume.Path,
                ["GATEWAY_CONFIG"] = folder.Write("g.json", $$"""{ "Gateway": { "Identity": { "Jwt": { "Authority": "https://user:{{secret}}@[", "Audience": "a" } } } }"""),
            });

            Assert.Equal(78, exitCode);
            hunt.Look("the end", output);
        }

        var broken = await GatewayProcess.RunAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["GATEWAY_CONFIG"] = folder.Write("g.json", $$"""{ "Gateway": { "Backends": { "b": { "Password": "{{secret}}" "Host": {{secret}} } } } }"""),
        });
        Assert.Equal(78, broken.ExitCode);
        hunt.Look("the end", broken.Output);
        Assert.Empty(hunt.Findings);
    }

    /// <summary>What no client would send, and Kestrel quotes when it refuses it.</summary>
    private static async Task TellRawAsync(GatewayProcess gateway, SecretHunt hunt)
    {
        var signature = hunt.Add("signature of a link that was mangled", SecretHunt.NewValue("Sig"));
        foreach (var line in new[] { $"GET /v1/a?signature={signature}\0 HTTP/1.1", $"GET /v1/a?signature={signature} b HTTP/1.1", $"GET?signature={signature} HTTP/1.1", $"GET /?signature={signature}\u0001 HTTP/9.9" })
        {
            await using var connection = await RawConnection.OpenAsync(gateway.Client.BaseAddress!);
            await connection.SendAsync($"{line}\r\nHost: x\r\nAuthorization Bearer {signature}\r\n\r\n");
            hunt.Look("an answer", (await connection.ReadResponseAsync()).Body);
        }
    }
}
