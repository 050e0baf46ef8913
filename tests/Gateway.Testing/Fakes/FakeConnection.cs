using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes;

/// <summary>
/// A connection without a server. Probing succeeds and closing ends at once unless the test says otherwise; the file
/// operations throw <see cref="BackendError.NotSupported"/> until a derived class gives them a meaning.
/// </summary>
public class FakeConnection : BackendConnection
{
    private int _closes;
    private int _probes;
    private volatile bool _closed;

    /// <inheritdoc/>
    public override BackendCapabilities Capabilities { get; } = new();

    /// <summary>Replaces the number of leases it bears.</summary>
    public int? LeaseLimit { get; set; }

    /// <inheritdoc/>
    public override int MaxLeases => LeaseLimit ?? base.MaxLeases;

    /// <summary>Replaces the round trip.</summary>
    public TimeSpan? Distance { get; set; }

    /// <inheritdoc/>
    public override TimeSpan? RoundTrip => Distance;

    /// <inheritdoc/>
    public override long BytesPerRoundTrip => 1_000_000;

    /// <summary>Replaces how long the server has said nothing; 0 where nothing does.</summary>
    public Func<TimeSpan>? OnSilence { get; set; }

    /// <summary>Replaces what the processors gave it; nobody can tell where nothing does.</summary>
    public Func<ProcessorTime>? OnProcessorTime { get; set; }

    /// <inheritdoc/>
    public override ProcessorTime? ReadProcessorTime() => OnProcessorTime?.Invoke();

    /// <summary>What <see cref="BytesInFlight"/> says; null as long as it cannot tell.</summary>
    public long? Backlog { get; set; }

    /// <inheritdoc/>
    public override long? BytesInFlight => Backlog;

    /// <inheritdoc/>
    public override TimeSpan Silence => OnSilence?.Invoke() ?? TimeSpan.Zero;

    /// <summary>Replaces a probe.</summary>
    public Func<CancellationToken, ValueTask>? OnProbe { get; set; }

    /// <summary>Runs while the connection is being closed.</summary>
    public Func<Task>? OnClose { get; set; }

    /// <summary>Probes so far.</summary>
    public int Probes => Volatile.Read(ref _probes);

    /// <summary>How often closing was begun; anything but 0 or 1 is a fault of the pool.</summary>
    public int Closes => Volatile.Read(ref _closes);

    /// <summary>Whether closing has ended.</summary>
    public bool IsClosed => _closed;

    /// <summary>The connection dies as if the server had gone away.</summary>
    public void Lose() => Break(new BackendException(BackendError.ConnectionLost, "The connection was lost as told."));

    /// <inheritdoc/>
    public override ValueTask ProbeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _probes);
        return OnProbe?.Invoke(cancellationToken) ?? default;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Interlocked.Increment(ref _closes);
        try
        {
            await (OnClose?.Invoke() ?? Task.CompletedTask);
        }
        finally
        {
            _closed = true;
        }

        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override ValueTask<RemoteEntry> GetEntryAsync(RemotePath path, bool followSymlink, CancellationToken cancellationToken) =>
        throw NotSupported();

    /// <inheritdoc/>
    public override IAsyncEnumerable<RemoteEntry> ListAsync(RemotePath path, CancellationToken cancellationToken) => throw NotSupported();

    /// <inheritdoc/>
    public override ValueTask<RemoteReadStream> OpenReadAsync(RemotePath path, CancellationToken cancellationToken) => throw NotSupported();

    /// <inheritdoc/>
    public override ValueTask<RemoteWriteStream> OpenWriteAsync(
        RemotePath path, WriteOptions options, CancellationToken cancellationToken) => throw NotSupported();

    /// <inheritdoc/>
    public override ValueTask CreateDirectoryAsync(RemotePath path, CancellationToken cancellationToken) => throw NotSupported();

    /// <inheritdoc/>
    public override ValueTask DeleteFileAsync(RemotePath path, CancellationToken cancellationToken) => throw NotSupported();

    /// <inheritdoc/>
    public override ValueTask DeleteDirectoryAsync(RemotePath path, CancellationToken cancellationToken) => throw NotSupported();

    /// <inheritdoc/>
    public override ValueTask RenameAsync(RemotePath from, RemotePath to, bool overwrite, CancellationToken cancellationToken) =>
        throw NotSupported();

    /// <inheritdoc/>
    public override ValueTask SetAttributesAsync(
        RemotePath path, DateTimeOffset? modified, int? permissions, CancellationToken cancellationToken) => throw NotSupported();

    /// <inheritdoc/>
    protected override void OnBroken(BackendException reason)
    {
    }

    private static BackendException NotSupported() => new(BackendError.NotSupported, "The fake has no files.");
}
