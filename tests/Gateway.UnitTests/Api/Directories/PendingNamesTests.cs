using Gateway.Api.Directories;

namespace Gateway.UnitTests.Api.Directories;

public sealed class PendingNamesTests
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
        var pending = new PendingNames();
        var taken = new List<string>();
        var listings = 0;
        do
        {
            listings++;
            pending.BeginAgain();
            random.Shuffle(all);
            foreach (var name in all)
            {
                pending.Add(name, room);
                Assert.True(pending.Count <= room);
            }

            while (pending.Take() is { } name)
            {
                taken.Add(name);
            }
        }
        while (pending.HasForgotten);

        Assert.Equal(all.Order(StringComparer.Ordinal), taken);
        Assert.Equal(((100 - 1) / room) + 1, listings);
    }
}
