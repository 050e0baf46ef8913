using System.Globalization;
using System.Text;
using Gateway.Api.Directories;
using Gateway.Broker.Backends;

namespace Gateway.UnitTests.Api.Directories;

public sealed class ListingTableTests
{
    [Fact]
    public void Entries_come_back_as_they_were_and_in_order()
    {
        RemoteEntry[] entries =
        [
            new() { Name = "z", Type = RemoteEntryType.File, Size = 0, Modified = DateTimeOffset.UnixEpoch, Permissions = 0xFFF, IsAddressable = true },
            new() { Name = "名前 🎉", Type = RemoteEntryType.Other, Size = long.MaxValue, IsModifiedApproximate = true, Modified = DateTimeOffset.MaxValue, IsAddressable = true },
            new() { Name = "a", Type = RemoteEntryType.Directory, Permissions = 0, IsAddressable = true },
            new() { Name = "\\x80", Type = RemoteEntryType.Symlink },
            new() { Name = "", Type = RemoteEntryType.File },
        ];
        var builder = new ListingTable.Builder();
        foreach (var entry in entries)
        {
            builder.Add("", entry);
        }

        builder.Add("é/f", entries[1]);
        var table = builder.Build();

        Assert.Equal(
            [.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal), entries[1]],
            Enumerable.Range(0, table.Count).OrderBy(row => table.Parent(row), StringComparer.Ordinal).Select(table.Entry));
        Assert.Equal(["é/f"], Enumerable.Range(0, table.Count).Select(table.Parent).Where(parent => parent.Length > 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("all begin like this-")]
    [InlineData("名")]
    public void Names_are_ordered_by_all_of_their_bytes(string start)
    {
        string[] ends = ["", "0", "00000000", "00000001", "000000000", "0000000010", "0000000002", "000000001", "0000000é", "0000000~", "é", "è", "\uffff", "🎉", "z", "Z", " ", "~~~~~~~~~~~~"];
        var names = ends.Select(end => start + end).ToArray();
        var builder = new ListingTable.Builder();
        builder.Add([.. names.Select((name, size) => new RemoteEntry { Name = name, Type = RemoteEntryType.File, Size = size })]);
        var table = builder.Build();

        var rows = Enumerable.Range(0, table.Count).ToArray();
        Assert.Equal(names.Order(Comparer<string>.Create((left, right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)))), rows.Select(row => table.Entry(row).Name));
        Assert.Equal(table.Count, rows.Select(row => table.Entry(row)).Count(entry => names[entry.Size!.Value] == entry.Name));
    }

    /// <summary>Not that a name with a NUL comes so far; the order does not depend on it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_names_are_ordered_and_repeated_ones_kept(int seed)
    {
        var random = new Random(seed);
        var names = Enumerable.Range(0, 2000).Select(_ => new string(random.GetItems<char>("\0\u0001ab/é", random.Next(12)))).ToArray();
        var builder = new ListingTable.Builder();
        builder.Add([.. names.Select(name => new RemoteEntry { Name = name, Type = RemoteEntryType.File })]);
        var table = builder.Build();

        Assert.True(names.Distinct(StringComparer.Ordinal).Count() < names.Length);
        Assert.Equal(
            names.Select(Encoding.UTF8.GetBytes).Order(Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right))),
            Enumerable.Range(0, table.Count).Select(row => table.Name(row).ToArray()));
    }

    [Fact]
    public void Two_hundred_thousand_entries_take_less_than_16_MB()
    {
        var builder = new ListingTable.Builder();
        for (var i = 0; i < 200_000; i++)
        {
            builder.Add("", new RemoteEntry { Name = string.Create(CultureInfo.InvariantCulture, $"a file with a name {i}"), Type = RemoteEntryType.File, Size = i });
        }

        Assert.InRange(builder.Build().Weight, 200_000 * 50, 16_000_000);
    }
}
