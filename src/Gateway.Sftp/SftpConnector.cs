using Gateway.Broker.Backends;
using Gateway.Sftp.Protocol;
using Gateway.Sftp.Transport;

namespace Gateway.Sftp;

/// <summary>Opens SFTP connections: starts ssh, speaks SFTP through it, finds the root.</summary>
internal sealed class SftpConnector : IBackendConnector
{
    private readonly BackendSettings _settings;
    private readonly SftpOptions _options;
    private readonly TimeProvider _time;
    private readonly SshLogin _login;
    private readonly AbandonedFiles _abandoned;
    private readonly SftpActivities _activities;
    private readonly IReadOnlyList<HostKeyFingerprint> _pins;
    private readonly IReadOnlyList<JumpHost> _jumps;

    /// <param name="settings">Validated.</param>
    /// <param name="options">Validated.</param>
    /// <param name="abandoned">The server's.</param>
    /// <param name="time">The clock.</param>
    public SftpConnector(BackendSettings settings, SftpOptions options, AbandonedFiles abandoned, TimeProvider time)
    {
        _abandoned = abandoned;
        _settings = settings;
        _options = options;
        _time = time;
        _login = new SshLogin(time);
        _activities = new SftpActivities(settings);
        _pins = [.. options.HostKeyFingerprints.Select(ParsePin)];
        _jumps = options.ProxyJump is { Length: > 0 } chain && SshAddress.TryParseJumps(chain, out var jumps, out _) ? jumps : [];
    }

    public bool IsShareable => true;

    public async Task<BackendConnection> OpenAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_settings.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        SshProcess? process = null;
        SftpChannel? channel = null;
        try
        {
            // The login has the same limit, and can say at what it was passed: only the caller's token goes there.
            process = await _login.OpenAsync(await MakeCommandAsync(either.Token), cancellationToken);
            channel = NewChannel(process);
            await channel.StartAsync(either.Token);
            process.IsSftpRunning = true;
            var root = await FindRootAsync(channel, either.Token);
            var connection = new SftpConnection(process, channel, root, _abandoned, _activities) { ProcessId = process.ProcessId };
            (process, channel) = (null, null);
            return connection;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw process is null
                ? new BackendException(BackendError.Timeout, "The connection could not be prepared within Pool:ConnectTimeout.")
                : SshErrors.Translate(new SshException(process.DescribeTimeout(_settings.ConnectTimeout)));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw SftpErrors.Translate(e);
        }
        finally
        {
            if (channel is not null)
            {
                await channel.DisposeAsync();
            }

            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }
    }

    private SftpChannel NewChannel(SshProcess process) => new(
        process.Socket,
        async () => new SshException(await process.DiagnoseAsync()),
        new SftpChannelOptions { OperationTimeout = _settings.OperationTimeout, StallTimeout = _settings.StallTimeout, Fsync = _options.Fsync },
        _time);

    private async Task<SshCommand> MakeCommandAsync(CancellationToken cancellationToken) => new()
    {
        Host = _settings.Host,
        Port = _settings.Port,
        Username = _settings.Username,
        Password = _settings.Password?.Reveal(),
        PrivateKeyFile = AbsolutePath(_options.PrivateKeyFile),
        Passphrase = await ReadPassphraseAsync(cancellationToken),
        CertificateFile = AbsolutePath(_options.CertificateFile),
        KnownHostsFile = AbsolutePath(_options.KnownHostsFile),
        HostKeyFingerprints = _pins,
        Jumps = _jumps,
        ConnectTimeout = _settings.ConnectTimeout,
        BannerTimeout = _options.BannerTimeout,
    };

    /// <summary>The file is read for every login, so that a rotated passphrase needs no restart.</summary>
    private async Task<string?> ReadPassphraseAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(_options.PassphraseFile))
        {
            return null;
        }

        try
        {
            return (await File.ReadAllTextAsync(_options.PassphraseFile, cancellationToken)).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackendException(BackendError.AuthenticationFailed, "The file named by Sftp:PassphraseFile cannot be read by the gateway.", e);
        }
    }

    /// <summary>The configured root, or the folder the login starts in, by its real path.</summary>
    private async Task<SftpRoot> FindRootAsync(SftpChannel channel, CancellationToken cancellationToken)
    {
        var configured = string.IsNullOrEmpty(_settings.Root) ? "." : _settings.Root;
        string real;
        SftpAttributes attributes;
        try
        {
            var realPath = channel.RealPath(configured);
            var stat = channel.Stat(configured);
            channel.Flush();
            var locating = realPath.TakeNameAsync(cancellationToken);
            attributes = await stat.TakeAttributesAsync(cancellationToken);
            real = await locating;
        }
        catch (SftpStatusException e)
        {
            throw new BackendException(
                BackendError.ProtocolError,
                "The backend's Root does not exist on the server, or its account may not see it. Correct Root, or create the folder.",
                e) { Diagnostic = e.ServerMessage };
        }

        if (!attributes.IsDirectory && !attributes.HasNoType)
        {
            throw new BackendException(BackendError.ProtocolError, "The backend's Root is not a folder on the server. Correct Root.");
        }

        return real.StartsWith('/') && real.Length <= RemotePath.MaxBytes
            ? new SftpRoot(channel, real, _settings.Symlinks)
            : throw new BackendException(BackendError.ProtocolError, "The server gave no absolute path for the backend's Root. Set Root to an absolute path.");
    }

    private static HostKeyFingerprint ParsePin(string text) =>
        HostKeyFingerprint.TryParse(text, out var pin, out var reason) ? pin : throw new ArgumentException(reason, nameof(text));

    private static string? AbsolutePath(string? path) => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path);
}
