using System.Text;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.UnitTests.Api.Streaming;

public sealed class EntryTagTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RemoteEntry File = new() { Name = "a", Type = RemoteEntryType.File, Size = 5, Modified = Now.AddHours(-1) };

    [Fact]
    public void It_follows_size_time_path_and_backend()
    {
        var tags = new[]
        {
            Tag(File), Tag(File with { Size = 6 }), Tag(File with { Modified = Now.AddHours(-2) }), Tag(File, "/b"), Tag(File, "/a", "other"),
        };
        Assert.Equal(tags.Length, tags.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(Tag(File), Tag(File));
        Assert.All(tags, tag => Assert.Matches("^\"[0-9a-f-]+\"$", tag));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1.9, true)]
    [InlineData(-60, true)]
    [InlineData(2, false)]
    public void It_is_weak_while_the_file_is_young(double age, bool isWeak) =>
        Assert.Equal(isWeak, Tag(File with { Modified = Now.AddSeconds(-age) })!.StartsWith("W/", StringComparison.Ordinal));

    [Fact]
    public void There_is_none_where_the_server_tells_too_little()
    {
        Assert.Null(Tag(File with { Size = null }));
        Assert.Null(Tag(File with { Modified = null }));
        Assert.Null(Tag(File with { IsModifiedApproximate = true }));
        Assert.Null(Tag(File with { Type = RemoteEntryType.Directory }));
    }

    /// <summary>Callers keep tags for as long as they like: a new version of the gateway must not change them.</summary>
    [Theory]
    [InlineData("/a", "\"3a1e88d09180-5-41dd5301afcea8e4\"")]
    [InlineData("/üml/名前 🎉", "\"3a1e88d09180-5-742916ee4a2a7454\"")]
    public void It_stays_as_it_is(string path, string tag)
    {
        Assert.Equal(tag, Tag(File, path));

        // The same of a path that is hashed by the piece, and in UTF-8.
        var hash = EntryTag.Hash(EntryTag.Hash(EntryTag.Seed, "files/".AsSpan()), Encoding.UTF8.GetBytes(path[1..]));
        Span<byte> text = stackalloc byte[EntryTag.MaxLength];
        Assert.True(EntryTag.TryFormat(text, hash, File, Now, out var length));
        Assert.Equal(tag, Encoding.UTF8.GetString(text[..length]));
    }

    [Fact]
    public void The_longest_fits()
    {
        Span<byte> text = stackalloc byte[EntryTag.MaxLength];
        var largest = File with { Size = RemoteEntry.MaxSize, Modified = DateTimeOffset.MaxValue };
        Assert.True(EntryTag.TryFormat(text, ulong.MaxValue, largest, DateTimeOffset.MaxValue, out var length));
        Assert.StartsWith("W/\"", Encoding.UTF8.GetString(text[..length]), StringComparison.Ordinal);
    }

    private static string? Tag(RemoteEntry entry, string path = "/a", string backend = "files") =>
        EntryTag.Format(backend, RemotePath.Parse(path), entry, Now);
}
