using System.Buffers;
using Gateway.Broker.Backends;
using Gateway.Broker.Gathering;
using Gateway.Broker.Pooling;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Gateway.UnitTests.Broker.Pooling;

namespace Gateway.UnitTests.Broker.Striping;

/// <summary>Transfers that prove to be limited by their connection, on four connections 100 ms away.</summary>
public class StripedStreamTests : PoolTest
{
    private const long Size = 500_000_000;
    private static readonly RemotePath Path = RemotePath.TryParse("/file", out var path, out _) ? path : throw new InvalidOperationException();

    private TimeSpan _distance;

    /// <summary>In the order of their opening; the transfer's own first.</summary>
    private readonly List<FarReader> _readers = [];

    public StripedStreamTests() => Connector.OnOpen = (_, _) => Task.FromResult<FakeConnection>(new FarConnection(Time, _readers) { Distance = _distance });

    /// <summary>In the order of their opening.</summary>
    private List<FarConnection> Connections => [.. Connector.Connections.Cast<FarConnection>()];

    [Fact]
    public async Task A_download_takes_what_is_idle_but_one_and_gives_it_back_at_its_end()
    {
        await StartFarAsync();
        await using (var opened = await Broker.OpenReadAsync(Name, Path, None))
        {
            await ReadUntilAsync(opened.Value, () => _readers[0].Members.Count == 2);
            Assert.Equal((3, 1), (Snapshot.Leases, Snapshot.Idle));
        }

        Assert.Equal((0, 4), (Snapshot.Leases, Snapshot.Idle));
        Assert.All(_readers, reader => Assert.True(reader.IsDisposed));
    }

    [Fact]
    public async Task A_member_that_is_recalled_is_parted_from_and_given_back_though_nobody_reads()
    {
        await StartFarAsync();
        await using var opened = await Broker.OpenReadAsync(Name, Path, None);
        await ReadUntilAsync(opened.Value, () => _readers[0].Members.Count == 2);
        await using var second = await AcquireAsync();

        await using var third = await AcquireAsync();

        await Eventually.HoldsAsync(() => Snapshot.Leases == 4);
        Assert.Single(_readers[0].Members);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task A_file_that_is_another_by_now_takes_no_part(int bytes, int seconds)
    {
        await StartFarAsync();
        await using var opened = await Broker.OpenReadAsync(Name, Path, None);
        Connections.ForEach(connection => connection.Change(bytes, seconds));
        await ReadUntilAsync(opened.Value, () => _readers.Count > 1 && Snapshot.Leases == 1);

        for (var i = 0; i < 100; i++)
        {
            await opened.Value.ReadAsync(new byte[250_000], None);
        }

        Assert.Empty(_readers[0].Members);
        Assert.Equal(1, Snapshot.Leases);
    }

    [Fact]
    public async Task A_file_that_was_changed_a_moment_ago_has_one_connection()
    {
        await StartFarAsync();
        Connections.ForEach(connection => connection.Modified = Time.GetUtcNow());

        await using var opened = await Broker.OpenReadAsync(Name, Path, None);

        Assert.IsType<FarReader>(opened.Value);
    }

    [Fact]
    public async Task An_upload_is_committed_when_every_member_has_its_answers()
    {
        await StartFarAsync();
        await using var opened = await Broker.OpenWriteAsync(Name, (connection, token) => connection.OpenWriteAsync(Path, new WriteOptions(), token), Size, None);
        var writer = Connections.Select(connection => connection.Writer).OfType<FarWriter>().Single();
        for (var i = 0; writer.Members.Count < 2; i++)
        {
            Assert.True(i < 10_000);
            await opened.Value.WriteAsync(new ReadOnlySequence<byte>(new byte[250_000]), None);
            await Task.Yield();
        }

        var committing = opened.Value.CommitAsync(None).AsTask();
        await Eventually.HoldsAsync(() => writer.Members.Count == 0);
        Assert.False(writer.IsCommitted);

        writer.Answers.SetResult();

        await committing;
        Assert.True(writer.IsCommitted);
        Assert.Equal(1, Snapshot.Leases);
    }

    [Fact]
    public async Task An_upload_to_a_near_server_takes_a_second_connection_and_a_download_none()
    {
        await StartAsync(TimeSpan.FromMilliseconds(1));
        await using (var upload = await Broker.OpenWriteAsync(Name, (connection, token) => connection.OpenWriteAsync(Path, new WriteOptions(), token), Size, None))
        {
            var writer = Connections.Select(connection => connection.Writer).OfType<FarWriter>().Single();
            writer.Answers.SetResult();
            var most = 0;
            while (upload.Value.Length < Size)
            {
                await upload.Value.WriteAsync(new ReadOnlySequence<byte>(new byte[250_000]), None);
                await Task.Yield();
                most = Math.Max(most, writer.Members.Count);
            }

            Assert.Equal(1, most);
        }

        await using var download = await Broker.OpenReadAsync(Name, Path, None);
        Assert.IsType<GatheredReadStream>(download.Value);
    }

    private Task StartFarAsync() => StartAsync(TimeSpan.FromMilliseconds(100));

    private async Task StartAsync(TimeSpan distance)
    {
        _distance = distance;
        Broker.Update([Define(new PoolOptions { MinConnections = 4, MaxConnections = 4 }) with { ConnectionsPerTransfer = 8 }]);
        await Eventually.HoldsAsync(() => Snapshot.Idle == 4);
    }

    private static async Task ReadUntilAsync(RemoteReadStream stream, Func<bool> condition)
    {
        var buffer = new byte[250_000];
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 10_000, "It did not come to that.");
            await stream.ReadAsync(buffer, None);
            await Task.Yield();
        }
    }

    /// <summary>Each 250,000 bytes take a quarter of the round trip: what one connection carries.</summary>
    private sealed class FarConnection(ManualTimeProvider time, List<FarReader> readers) : FakeConnection
    {
        private long _size = Size;

        public DateTimeOffset Modified { get; set; } = time.GetUtcNow().AddDays(-1);

        public FarWriter? Writer { get; private set; }

        public void Change(int bytes, int seconds)
        {
            _size += bytes;
            Modified += TimeSpan.FromSeconds(seconds);
        }

        public override ValueTask<RemoteReadStream> OpenReadAsync(RemotePath path, CancellationToken cancellationToken)
        {
            readers.Add(new FarReader(time, new RemoteEntry { Name = "file", Type = RemoteEntryType.File, Size = _size, Modified = Modified }));
            return new(readers[^1]);
        }

        public override ValueTask<RemoteWriteStream> OpenWriteAsync(RemotePath path, WriteOptions options, CancellationToken cancellationToken) =>
            new(Writer = new FarWriter(time, RoundTrip!.Value / 4));
    }

    private sealed class FarReader(ManualTimeProvider time, RemoteEntry entry) : RemoteReadStream
    {
        private readonly Lock _lock = new();

        public HashSet<RemoteReadStream> Members { get; } = [];

        public bool IsDisposed { get; private set; }

        public override RemoteEntry Entry => entry;

        public override int PreferredReadSize => 250_000;

        public override void SelectRange(long offset, long? length)
        {
        }

        public override ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken) => new(entry);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            time.Advance(TimeSpan.FromMilliseconds(25) / (1 + Members.Count));
            return new(buffer.Length);
        }

        public override bool TryJoin(RemoteReadStream member)
        {
            lock (_lock)
            {
                return Members.Add(member);
            }
        }

        public override void Part(RemoteReadStream member)
        {
            lock (_lock)
            {
                Members.Remove(member);
            }
        }

        public override ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }

    private sealed class FarWriter(ManualTimeProvider time, TimeSpan pace) : RemoteWriteStream
    {
        private readonly Lock _lock = new();
        private long _length;

        public HashSet<IAsyncDisposable> Members { get; } = [];

        public TaskCompletionSource Answers { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsCommitted { get; private set; }

        public override long Length => _length;

        public override int PreferredWriteSize => 250_000;

        public override ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
        {
            _length += data.Length;
            time.Advance(pace / (1 + Members.Count));
            return default;
        }

        public override ValueTask<IAsyncDisposable?> OpenMemberAsync(BackendConnection connection, CancellationToken cancellationToken) =>
            new(new Member(Answers.Task));

        public override bool TryJoin(IAsyncDisposable member)
        {
            lock (_lock)
            {
                return Members.Add(member);
            }
        }

        public override void Part(IAsyncDisposable member)
        {
            lock (_lock)
            {
                Members.Remove(member);
            }
        }

        public override ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken)
        {
            IsCommitted = true;
            return new(new CommitResult(true, new RemoteEntry { Name = "file", Type = RemoteEntryType.File }));
        }

        public override ValueTask DisposeAsync() => default;

        private sealed class Member(Task answers) : IAsyncDisposable
        {
            public async ValueTask DisposeAsync() => await answers;
        }
    }
}
