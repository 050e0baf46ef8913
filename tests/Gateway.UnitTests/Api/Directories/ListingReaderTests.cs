using System.Runtime.CompilerServices;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes;
using Gateway.UnitTests.Broker.Pooling;

namespace Gateway.UnitTests.Api.Directories;

/// <summary>A server sends as many names as it likes, as long as it likes.</summary>
public sealed class ListingReaderTests : PoolTest
{
    private const int Batch = 1000;

    [Theory]
    [InlineData(150, true)]
    [InlineData((ListingReader.MaxEntries / Batch) + 1, false)]
    public async Task A_listing_is_read_whole_up_to_a_bound_and_large_ones_take_turns(int batches, bool isRead)
    {
        Connector = new() { OnOpen = (_, _) => Task.FromResult<FakeConnection>(new Lister(batches)) };
        await StartWarmAsync(new());
        using var reader = new ListingReader(Broker);

        // More than may at once: each gives its turn back, however it ends.
        foreach (var reading in Enumerable.Range(0, 5).Select(_ => reader.ReadAsync(Name, RemotePath.Root, 1, null, None).AsTask()).ToArray())
        {
            if (isRead)
            {
                Assert.Equal(batches * Batch, (await reading).Count);
            }
            else
            {
                Assert.Equal(ProblemTypes.InvalidRequest, (await Assert.ThrowsAsync<ProblemException>(() => reading)).Type);
            }
        }
    }

    private sealed class Lister(int batches) : FakeConnection
    {
        public override async IAsyncEnumerable<ReadOnlyMemory<RemoteEntry>> ListBatchesAsync(
            RemotePath path, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var batch = new RemoteEntry[Batch];
            batch.AsSpan().Fill(new RemoteEntry { Name = "name", Type = RemoteEntryType.File });
            for (var i = 0; i < batches; i++)
            {
                await Task.Yield();
                yield return batch;
            }
        }
    }
}
