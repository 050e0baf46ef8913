using Gateway.Broker.Backends;

namespace Gateway.Sftp;

/// <summary>SFTP, over the OpenSSH client of the machine.</summary>
public sealed class SftpDriver : IBackendDriver
{
    private readonly AbandonedFilesByServer _abandoned = new();
    private readonly TimeProvider _time;

    /// <param name="time">The clock.</param>
    public SftpDriver(TimeProvider time) => _time = time;

    /// <inheritdoc/>
    public string Protocol => "sftp";

    /// <inheritdoc/>
    public string Section => "Sftp";

    /// <inheritdoc/>
    public object CreateOptions() => new SftpOptions();

    /// <inheritdoc/>
    public int GetDefaultPort(object options) => 22;

    /// <inheritdoc/>
    public void Validate(BackendSettings settings, object options, Action<string, string> report) =>
        new SftpOptionsValidator(settings, (SftpOptions)options, _time, report).Run();

    /// <inheritdoc/>
    public IBackendConnector CreateConnector(BackendSettings settings, object options) =>
        new SftpConnector(settings, (SftpOptions)options, _abandoned.Get(settings), _time);
}
