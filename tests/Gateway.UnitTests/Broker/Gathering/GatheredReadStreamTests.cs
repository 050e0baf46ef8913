using Gateway.Broker.Backends;
using Gateway.Broker.Gathering;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Gateway.UnitTests.Broker.Pooling;

namespace Gateway.UnitTests.Broker.Gathering;

/// <summary>Downloads on four connections to a near server, of which one is to carry them all where processors are short.</summary>
public class GatheredReadStreamTests : PoolTest
{
    private const int Size = 32 * 1024 * 1024;
    private static readonly RemotePath Path = RemotePath.TryParse("/file", out var path, out _) ? path : throw new InvalidOperationException();

    private readonly List<NearReader> _readers = [];
    private readonly List<ConnectionLease> _others = [];

    public GatheredReadStreamTests() => Connector.OnOpen = (_, _) => Task.FromResult<FakeConnection>(new NearConnection(Time, _readers));

    /// <summary>In the order of their opening.</summary>
    private List<NearConnection> Connections => [.. Connector.Connections.Cast<NearConnection>()];

    [Fact]
    public async Task A_download_goes_on_over_another_connection_with_every_byte_in_its_place()
    {
        await StartAsync();
        await using (var opened = await OpenAsync())
        {
            opened.Value.AllowSynchronousContinuations = true;
            Assert.Equal(Size, await ReadAsync(opened.Value, 0, Size));

            Assert.Equal(2, _readers.Count);
            Assert.True(_readers[0].IsDisposed);
            Assert.True(_readers[1].AllowSynchronousContinuations);
            Assert.InRange(_readers[1].Taken, Size / 2, Size - 1);
            Assert.Equal((4, 1), (Snapshot.Leases, Snapshot.Leased));
        }

        Assert.True(_readers[1].IsDisposed);
        await EndAsync();
    }

    [Fact]
    public async Task Ranges_are_read_where_the_download_is_by_then()
    {
        await StartAsync();
        await using (var opened = await OpenAsync())
        {
            opened.Value.SelectRange(1_000_000, 20_000_000);
            Assert.Equal(20_000_000, await ReadAsync(opened.Value, 1_000_000, 20_000_000));
            opened.Value.SelectRange(7, 1_000);
            Assert.Equal(1_000, await ReadAsync(opened.Value, 7, 1_000));
            opened.Value.SelectRange(500, null);
            Assert.Equal(Size - 500, await ReadAsync(opened.Value, 500, Size - 500));
            Assert.Equal(2, _readers.Count);
        }

        await EndAsync();
    }

    [Fact]
    public async Task Where_the_processors_are_not_what_limits_it_stays()
    {
        await StartAsync();
        Connections.ForEach(connection => connection.ShareWaited = 0.05);
        await ReadAndStayAsync();
        Connections.ForEach(connection => (connection.ShareRun, connection.ShareWaited) = (0.5, 0.4));
        await ReadAndStayAsync();
        Connections.ForEach(connection => connection.OnProcessorTime = null);
        await ReadAndStayAsync();
        await EndAsync();
    }

    [Fact]
    public async Task Another_file_of_that_name_is_not_gone_on_with()
    {
        await StartAsync();
        Connections[0].Modified += TimeSpan.FromSeconds(1);
        await ReadAndStayAsync(opened: 2);
        await EndAsync();
    }

    [Fact]
    public async Task A_connection_that_cannot_open_it_or_dies_is_done_without()
    {
        await StartAsync();
        Connections[0].OnOpenRead = _ => throw new BackendException(BackendError.NotFound, "It is gone.");
        await ReadAndStayAsync();
        Connections[0].OnOpenRead = async _ =>
        {
            await Task.Yield();
            Connections[0].Lose();
        };
        await ReadAndStayAsync(opened: 2);
        await EndAsync();
    }

    [Fact]
    public async Task Who_leaves_while_the_file_is_being_opened_leaves_nothing_behind()
    {
        await StartAsync();
        var cancelled = new TaskCompletionSource();
        Connections[0].OnOpenRead = async token =>
        {
            await using var registration = token.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, token);
        };
        await using (var opened = await OpenAsync())
        {
            await ReadAsync(opened.Value, 0, Size / 2);
            Assert.Equal(5, Snapshot.Leases);
        }

        await cancelled.Task;
        Assert.Equal(3, Snapshot.Leases);
        await EndAsync();
    }

    [Theory]
    [InlineData(Size, true, 8, true)]
    [InlineData(Size / 2, true, 8, true)]
    [InlineData((Size / 2) - 1, true, 8, false)]
    [InlineData(Size, false, 8, false)]
    [InlineData(Size, true, 1, false)]
    public async Task Only_large_files_that_nobody_changes_may_move_and_only_where_transfers_may(int size, bool isSettled, int perTransfer, bool may)
    {
        await StartAsync(perTransfer);
        Connections.ForEach(connection => (connection.Size, connection.Modified) = (size, isSettled ? connection.Modified : Time.GetUtcNow()));

        await using (var opened = await OpenAsync())
        {
            Assert.Equal(may, opened.Value is GatheredReadStream);
        }

        await EndAsync();
    }

    private async Task ReadAndStayAsync(int opened = 1)
    {
        _readers.Clear();
        await using (var download = await OpenAsync())
        {
            Assert.IsType<GatheredReadStream>(download.Value);
            Assert.Equal(Size, await ReadAsync(download.Value, 0, Size));
            Assert.Equal(Size, _readers[0].Taken);
            Assert.Equal(opened, _readers.Count);
            Assert.Equal(4, Snapshot.Leases);
        }

        Assert.All(_readers, reader => Assert.True(reader.IsDisposed));
    }

    /// <summary>The three others have the first connection: the download gets another, and may move there.</summary>
    private async Task StartAsync(int perTransfer = 8)
    {
        var options = new PoolOptions { MaxConnections = 1 };
        Broker.Update([Define(options) with { ConnectionsPerTransfer = perTransfer, GatheredConnections = 1 }]);
        for (var i = 0; i < 3; i++)
        {
            _others.Add(await AcquireAsync());
        }

        Broker.Update([Define(options with { MinConnections = 4, MaxConnections = 4 }) with { ConnectionsPerTransfer = perTransfer, GatheredConnections = 1 }]);
        await Eventually.HoldsAsync(() => Snapshot is { Idle: 3, Leases: 3 });
    }

    private ValueTask<Leased<RemoteReadStream>> OpenAsync() => Broker.OpenReadAsync(Name, Path, None);

    private async Task EndAsync()
    {
        foreach (var lease in _others)
        {
            await lease.DisposeAsync();
        }

        Assert.Equal((0, 0), (Snapshot.Leases, Snapshot.Leased));
    }

    private static async Task<int> ReadAsync(RemoteReadStream stream, int offset, int most)
    {
        var buffer = new byte[100_000];
        var read = 0;
        while (read < most && await stream.ReadAsync(buffer, None) is > 0 and var count)
        {
            for (var i = 0; i < count; i += 97)
            {
                Assert.Equal(ByteAt(offset + read + i), buffer[i]);
            }

            read += count;
            await Task.Yield();
        }

        return read;
    }

    private static byte ByteAt(long position) => (byte)(position * 31 / 7);

    /// <summary>Of the time that passes its process runs a part, and waits for another.</summary>
    private sealed class NearConnection : FakeConnection
    {
        private readonly ManualTimeProvider _time;
        private readonly List<NearReader> _readers;

        public NearConnection(ManualTimeProvider time, List<NearReader> readers)
        {
            (_time, _readers) = (time, readers);
            Distance = TimeSpan.FromMilliseconds(0.2);
            Modified = time.GetUtcNow().AddDays(-1);
            OnProcessorTime = () => new ProcessorTime(_time.Elapsed * ShareRun, _time.Elapsed * ShareWaited);
        }

        public double ShareRun { get; set; } = 0.05;

        public double ShareWaited { get; set; } = 0.3;

        public long Size { get; set; } = GatheredReadStreamTests.Size;

        public DateTimeOffset Modified { get; set; }

        public Func<CancellationToken, Task>? OnOpenRead { get; set; }

        public override async ValueTask<RemoteReadStream> OpenReadAsync(RemotePath path, CancellationToken cancellationToken)
        {
            await (OnOpenRead?.Invoke(cancellationToken) ?? Task.CompletedTask);
            _readers.Add(new NearReader(_time, new RemoteEntry { Name = "file", Type = RemoteEntryType.File, Size = Size, Modified = Modified }));
            return _readers[^1];
        }
    }

    /// <summary>Asks a MiB ahead.</summary>
    private sealed class NearReader(ManualTimeProvider time, RemoteEntry entry) : RemoteReadStream
    {
        private long _position;
        private long _asked;
        private long _end = entry.Size!.Value;

        public long Taken { get; private set; }

        public bool IsDisposed { get; private set; }

        public override RemoteEntry Entry => entry;

        public override int PreferredReadSize => 100_000;

        public override void SelectRange(long offset, long? length)
        {
            _position = _asked = offset;
            _end = length is { } count ? offset + count : entry.Size!.Value;
        }

        public override ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken) => new(entry);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            time.Advance(TimeSpan.FromMilliseconds(1));
            var count = (int)Math.Min(buffer.Length, _end - _position);
            for (var i = 0; i < count; i++)
            {
                buffer.Span[i] = ByteAt(_position + i);
            }

            _position += count;
            Taken += count;
            _asked = Math.Min(_end, _position + (1024 * 1024));
            return new(count);
        }

        public override long? Curtail() => _asked < _end ? _end = _asked : null;

        public override ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }
}
