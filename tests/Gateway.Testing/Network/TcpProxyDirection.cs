namespace Gateway.Testing.Network;

/// <summary>
/// What a <see cref="TcpProxy"/> does to bytes that go one way. All of it can be changed while connections are open. Byte
/// counts are per connection.
/// </summary>
public sealed class TcpProxyDirection
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _thawed = CreateThawed();
    private long _forwarded;
    private int _corruptions;

    /// <summary>How long each byte is held. It limits no rate: bytes sent together arrive together.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>The rate of one connection; null: as fast as it goes.</summary>
    public long? BytesPerSecond { get; set; }

    /// <summary>After how many bytes a connection is cut; null: never.</summary>
    public long? CutAfter { get; set; }

    /// <summary>How it is cut.</summary>
    public TcpProxyCut Cut { get; set; }

    /// <summary>Cuts only at the border of a TLS record, the first one at or after <see cref="CutAfter"/>.</summary>
    public bool CutAtTlsRecord { get; set; }

    /// <summary>The first byte that may be flipped; null: none is.</summary>
    public long? CorruptAfter { get; set; }

    /// <summary>Chooses which of the 256 bytes from <see cref="CorruptAfter"/> on is flipped, and how.</summary>
    public int CorruptionSeed { get; set; }

    /// <summary>Flips one bit of what passes next, on whatever connection that is.</summary>
    public void CorruptNext() => Interlocked.Exchange(ref _corruptions, 1);

    /// <summary>Bytes passed on, over all connections.</summary>
    public long Forwarded => Interlocked.Read(ref _forwarded);

    /// <summary>Nothing passes until <see cref="Thaw"/>; what is under way waits, nothing is lost.</summary>
    public void Freeze()
    {
        lock (_gate)
        {
            if (_thawed.Task.IsCompleted)
            {
                _thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Ends a <see cref="Freeze"/>.</summary>
    public void Thaw()
    {
        lock (_gate)
        {
            _thawed.TrySetResult();
        }
    }

    internal Task WaitUntilThawedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _thawed.Task.WaitAsync(cancellationToken);
        }
    }

    internal bool TakeCorruption() => Interlocked.Exchange(ref _corruptions, 0) == 1;

    internal void Count(int bytes) => Interlocked.Add(ref _forwarded, bytes);

    private static TaskCompletionSource CreateThawed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
