using Gateway.Sftp.Transport;
using Gateway.Testing;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Sftp.Transport;

public sealed class SshLoginTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private SshServer _server = null!;

    public async Task InitializeAsync() => _server = await SshServer.StartAsync();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public Task A_key_logs_in() => SshCommands.SucceedAsync(SshCommands.ByKey(_server));

    [Fact]
    public Task A_password_logs_in() => SshCommands.SucceedAsync(SshCommands.ByPassword(_server));

    [Theory]
    [InlineData("ed25519", "OPENSSH")]
    [InlineData("rsa", "PEM")]
    [InlineData("ecdsa", "PKCS8")]
    public async Task An_encrypted_key_logs_in_with_its_passphrase(string type, string format)
    {
        const string Passphrase = "a 'quoted' \"pass\" $phrase\\ ü";
        var key = await CreateKeyAsync(type, format, Passphrase);

        await SshCommands.SucceedAsync(SshCommands.ByKey(_server) with { PrivateKeyFile = key, Passphrase = Passphrase });
        Assert.Equal(
            SshFailureKind.PassphraseWrong,
            (await SshCommands.FailAsync(SshCommands.ByKey(_server) with { PrivateKeyFile = key, Passphrase = "wrong" })).Kind);
    }

    [Fact]
    public async Task A_certificate_logs_in_where_the_key_alone_does_not()
    {
        var authority = await SshKeyPair.CreateAsync(_folder["authority"]);
        var key = await SshKeyPair.CreateAsync(_folder["certified"]);
        var certificate = await key.SignAsync(authority, _server.Username);
        File.Move(certificate, _folder["elsewhere.pub"]);
        _server.Authorize("cert-authority " + authority.PublicKey);
        var command = SshCommands.ByKey(_server) with { PrivateKeyFile = key.PrivateKeyFile };

        await SshCommands.SucceedAsync(command with { CertificateFile = _folder["elsewhere.pub"] });
        Assert.Equal(SshFailureKind.AuthenticationRefused, (await SshCommands.FailAsync(command)).Kind);
    }

    [Fact]
    public async Task A_refused_key_gives_way_to_the_password()
    {
        var stranger = await SshKeyPair.CreateAsync(_folder["stranger"]);

        await SshCommands.SucceedAsync(SshCommands.ByPassword(_server) with { PrivateKeyFile = stranger.PrivateKeyFile });
    }

    [Fact]
    public async Task A_wrong_password_costs_one_attempt_at_the_server()
    {
        var failure = await SshCommands.FailAsync(SshCommands.ByPassword(_server) with { Password = "wrong" });

        Assert.Equal(SshFailureKind.AuthenticationRefused, failure.Kind);
        Assert.Equal(1, CountInLog("Failed password"));
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_know_is_refused()
    {
        var stranger = await SshKeyPair.CreateAsync(_folder["stranger"]);

        var failure = await SshCommands.FailAsync(SshCommands.ByKey(_server) with { PrivateKeyFile = stranger.PrivateKeyFile });

        Assert.Equal(SshFailureKind.AuthenticationRefused, failure.Kind);
        Assert.DoesNotContain(_folder.Path, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_beside_files_with_odd_names_is_found()
    {
        var odd = _folder.CreateFolder("a \"b\" 'c' %h $HOME \\ #d");
        var key = Path.Combine(odd, "key");
        File.Copy(_server.UserKey.PrivateKeyFile, key);
        var knownHosts = Path.Combine(odd, "known hosts");
        await File.WriteAllTextAsync(knownHosts, _server.KnownHosts);

        await SshCommands.SucceedAsync(
            SshCommands.ByKey(_server) with { PrivateKeyFile = key, KnownHostsFile = knownHosts, HostKeyFingerprints = [] });
    }

    [Fact]
    public async Task An_account_that_may_not_use_a_password_is_told_so()
    {
        await using var keysOnly = await SshServer.StartAsync(new SshServerOptions { Logins = SshLogins.Key });

        var failure = await SshCommands.FailAsync(SshCommands.ByPassword(keysOnly));

        Assert.Contains("by publickey only. Set Sftp:PrivateKeyFile.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_is_answered_with_the_password()
    {
        await using var asking = await SshServer.StartAsync(new SshServerOptions { Logins = SshLogins.KeyboardInteractive });

        await SshCommands.SucceedAsync(SshCommands.ByPassword(asking));
        Assert.Equal(
            SshFailureKind.AuthenticationRefused, (await SshCommands.FailAsync(SshCommands.ByPassword(asking) with { Password = "wrong" })).Kind);
    }

    [Fact]
    public async Task A_key_and_a_password_satisfy_a_server_that_wants_both()
    {
        await using var strict = await SshServer.StartAsync(new SshServerOptions { ExtraLines = ["AuthenticationMethods publickey,password"] });

        await SshCommands.SucceedAsync(SshCommands.ByKey(strict) with { Password = strict.Password });
        Assert.Contains(
            "wants another as well, by password", (await SshCommands.FailAsync(SshCommands.ByKey(strict))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_attempts_are_named()
    {
        await using var impatient = await SshServer.StartAsync(new SshServerOptions { ExtraLines = ["MaxAuthTries 1"] });
        var stranger = await SshKeyPair.CreateAsync(_folder["stranger"]);

        var failure = await SshCommands.FailAsync(SshCommands.ByPassword(impatient) with { PrivateKeyFile = stranger.PrivateKeyFile });

        Assert.Equal(SshFailureKind.TooManyAuthenticationFailures, failure.Kind);
    }

    [Fact]
    public async Task A_cancelled_login_leaves_nothing_behind()
    {
        using var cancel = new CancellationTokenSource();
        _server.Pause();
        var opening = new SshLogin(TimeProvider.System).OpenAsync(SshCommands.ByKey(_server), cancel.Token);
        await Eventually.HoldsAsync(() => SshCommands.ProcessesFor(_server.Port).Count > 0);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        Assert.Empty(SshCommands.ProcessesFor(_server.Port));
        _server.Resume();
    }

    private async Task<string> CreateKeyAsync(string type, string format, string passphrase)
    {
        var file = _folder["encrypted"];
        string[] formatting = format == "OPENSSH" ? [] : ["-m", format];
        await Command.RunAsync("ssh-keygen", ["-q", "-t", type, .. formatting, "-N", passphrase, "-f", file]);
        _server.Authorize((await File.ReadAllTextAsync(file + ".pub")).Trim());
        File.Delete(file + ".pub");
        return file;
    }

    private int CountInLog(string words) => _server.Log.Split(words).Length - 1;
}
