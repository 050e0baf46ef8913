using System.Buffers;
using Gateway.Broker.Backends;
using Gateway.Ftps;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Gateway.Testing.Servers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.FunctionalTests.Ftps;

/// <summary>What the FTPS tests have in common.</summary>
public abstract class FtpsTest : IDisposable
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _folder.Dispose();

    private protected IBackendConnector ConnectorTo(ScriptedFtpServer server, Func<BackendSettings, BackendSettings>? change = null) => CreateConnector(
        new BackendSettings { Name = "scripted", Host = "localhost", Port = server.Port, Username = "user", Password = new Secret("pw") },
        new FtpsOptions { CertificateAuthorityFile = _folder.Write("authority.pem", server.AuthorityPem) },
        change);

    private protected static IBackendConnector ConnectorTo(
        FtpServer server, Func<BackendSettings, BackendSettings>? change = null, Action<FtpsOptions>? configure = null, ILoggerFactory? loggers = null)
    {
        var options = new FtpsOptions { Mode = server.IsImplicit ? "implicit" : "explicit", CertificateAuthorityFile = server.AuthorityFile };
        configure?.Invoke(options);
        return CreateConnector(
            new BackendSettings
            {
                Name = "real", Host = server.Host, Port = server.Port, Username = server.Username, Password = new Secret(server.Password), Root = server.RemoteRoot,
            },
            options,
            change,
            loggers);
    }

    private protected static async Task<BackendException> FailsAsync(Func<Task> operation, BackendError expected)
    {
        var failure = await Assert.ThrowsAsync<BackendException>(() => operation().WaitAsync(Patience));
        Assert.True(failure.Error == expected, failure.ToString());
        return failure;
    }

    private protected static async Task<byte[]> DownloadAsync(BackendConnection connection, string path, long offset = 0)
    {
        await using var stream = await connection.OpenReadAsync(RemotePath.Parse(path), default);
        stream.SelectRange(offset, null);
        using var content = new MemoryStream();
        var buffer = new byte[stream.PreferredReadSize];
        int count;
        while ((count = await stream.ReadAsync(buffer, default)) > 0)
        {
            content.Write(buffer, 0, count);
        }

        return content.ToArray();
    }

    private protected static async Task<CommitResult> UploadAsync(BackendConnection connection, string path, byte[] content)
    {
        await using var stream = await connection.OpenWriteAsync(RemotePath.Parse(path), new WriteOptions(), default);
        await stream.WriteAsync(new ReadOnlySequence<byte>(content), default);
        return await stream.CommitAsync(default);
    }

    private protected static async Task<List<RemoteEntry>> ListAsync(BackendConnection connection) =>
        await connection.ListAsync(RemotePath.Root, default).ToListAsync();

    private static IBackendConnector CreateConnector(
        BackendSettings settings, FtpsOptions options, Func<BackendSettings, BackendSettings>? change, ILoggerFactory? loggers = null)
    {
        var driver = new FtpsDriver(TimeProvider.System, loggers ?? NullLoggerFactory.Instance);
        settings = change is null ? settings : change(settings);
        driver.Validate(settings, options, (key, sentence) => Assert.Fail($"{key}: {sentence}"));
        return driver.CreateConnector(settings, options);
    }
}
