using System.Globalization;
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
