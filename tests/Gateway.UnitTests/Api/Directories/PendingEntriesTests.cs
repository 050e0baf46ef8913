using Gateway.Api.Directories;
using Gateway.Broker.Backends;

namespace Gateway.UnitTests.Api.Directories;

public sealed class PendingEntriesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void However_few_are_remembered_each_is_taken_once_and_in_order(int room)
    {
        var random = new Random(1);
        var all = Enumerable.Range(0, 100).Select(i => $"n{i:d3}").ToArray();
        var pending = new PendingEntries();
        var taken = new List<string>();
        var listings = 0;
        do
        {
            listings++;
            pending.BeginAgain();
            random.Shuffle(all);
            foreach (var name in all)
            {
                pending.Add(new RemoteEntry { Name = name, Type = RemoteEntryType.Directory }, room);
                Assert.True(pending.Count <= room);
            }

            while (pending.Take() is { } entry)
            {
                taken.Add(entry.Name);
            }
        }
        while (pending.HasForgotten);

        Assert.Equal(all.Order(StringComparer.Ordinal), taken);
        Assert.Equal(((100 - 1) / room) + 1, listings);
    }
}
