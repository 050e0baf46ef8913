using System.Text;
using System.Text.Json;
using Gateway.Api.Entries;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;

namespace Gateway.UnitTests.Api.Entries;

public sealed class EntryWriterTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Names =>
    [
        "f", "a \"quoted\" name", @"back\slash", "<html>&amp;'+`", "名前 🎉", "\u2028\u00a0\ufeff", "é", "%41", new string('x', 250), new string('名', 400),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_entry_is_written_as_its_document_is(string name)
    {
        RemoteEntry[] entries =
        [
            new() { Name = name, Type = RemoteEntryType.File, Size = 0, Modified = DateTimeOffset.UnixEpoch, Permissions = 0, IsAddressable = true },
            new() { Name = name, Type = RemoteEntryType.File, Size = long.MaxValue, Modified = s_now.AddTicks(-10_500_001), Permissions = 0xFFF, IsAddressable = true },
            new() { Name = name, Type = RemoteEntryType.File, Size = 7, Modified = s_now.AddDays(-3), IsModifiedApproximate = true, IsAddressable = true },
            new() { Name = name, Type = RemoteEntryType.Directory, Modified = DateTimeOffset.MaxValue, Permissions = 0x1ED, IsAddressable = true },
            new() { Name = name, Type = RemoteEntryType.Symlink, IsAddressable = true },
            new() { Name = name, Type = RemoteEntryType.Other, Size = 1, Modified = DateTimeOffset.UnixEpoch },
            new() { Name = name, Type = RemoteEntryType.File, Size = 1, Modified = DateTimeOffset.UnixEpoch },
        ];
        foreach (var folder in new[] { RemotePath.Root, RemotePath.Parse("/in box/üml\"aut") })
        {
            var expected = entries.Select(entry => Serialize(folder, entry)).ToArray();
            Assert.Equal(expected, Write(entries, (writer, entry) => { writer.Enter(folder); writer.Write(entry); }));
            Assert.Equal(expected, Write(entries, (writer, entry) => { writer.Enter(folder); writer.Write(Encoding.UTF8.GetBytes(entry.Name), entry with { Name = "" }); }));

            var deeper = folder.Append("ü").Append("deep");
            Assert.Equal(
                entries.Select(entry => Serialize(deeper, entry)),
                Write(entries, (writer, entry) => { writer.Enter(folder); writer.Write(Encoding.UTF8.GetBytes("ü/deep/" + entry.Name), entry with { Name = "" }); }));
        }
    }

    /// <summary>Whatever a server calls an entry: what may not be in a path, what is no Unicode, what is too long.</summary>
    [Fact]
    public void A_name_that_leads_nowhere_is_written_as_its_document_is()
    {
        string[] listed = ["", "..", "a/b", "line\nbreak\u007f\u0085\0", "\ud800 alone", "\udc00\ud800"];
        foreach (var text in listed.Concat(listed.Select(text => text + new string('x', 2000))))
        {
            var (name, isAddressable) = RemoteEntry.Admit(text, isExact: true);
            var entry = new RemoteEntry { Name = name, Type = RemoteEntryType.File, Size = 1, Modified = DateTimeOffset.UnixEpoch, IsAddressable = isAddressable };

            Assert.False(isAddressable);
            var folder = RemotePath.Parse("/in");
            Assert.Equal([Serialize(folder, entry)], Write([entry], (writer, entry) => { writer.Enter(folder); writer.Write(entry); }));
            Assert.Equal([Serialize(folder, entry)], Write([entry], (writer, entry) => { writer.Enter(folder); writer.Write(Encoding.UTF8.GetBytes(entry.Name), entry with { Name = "" }); }));
        }
    }

    [Fact]
    public void Every_character_is_written_as_in_a_document()
    {
        var runes = Enumerable.Range(1, 0x2FFFF).Where(Rune.IsValid).Select(value => new Rune(value)).Where(rune => !Rune.IsControl(rune) && rune.Value != '/');
        RemoteEntry[] entries =
        [
            .. runes.Chunk(200).Select(some => new RemoteEntry { Name = string.Concat(some), Type = RemoteEntryType.File, Size = 1, Modified = DateTimeOffset.UnixEpoch, IsAddressable = true }),
        ];

        Assert.Equal(
            entries.Select(entry => Serialize(RemotePath.Root, entry)),
            Write(entries, (writer, entry) => { writer.Enter(RemotePath.Root); writer.Write(Encoding.UTF8.GetBytes(entry.Name), entry with { Name = "" }); }));
    }

    private static string Serialize(RemotePath folder, RemoteEntry entry) => JsonSerializer.Serialize(
        EntryDocument.Of("backend", entry.IsAddressable ? folder.Append(entry.Name) : null, entry, s_now), GatewayJson.Documents.EntryDocument);

    private static List<string> Write(RemoteEntry[] entries, Action<EntryWriter, RemoteEntry> write)
    {
        using var stream = new MemoryStream();
        using var json = new Utf8JsonWriter(stream, JsonFormat.WriterOptions);
        var writer = new EntryWriter(json, "backend", s_now);
        var texts = new List<string>();
        foreach (var entry in entries)
        {
            write(writer, entry);
            json.Flush();
            texts.Add(Encoding.UTF8.GetString(stream.ToArray()));
            stream.SetLength(0);
            json.Reset();
        }

        return texts;
    }
}
