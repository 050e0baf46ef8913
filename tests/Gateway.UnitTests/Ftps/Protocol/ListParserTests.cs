using System.Globalization;
using System.Text;
using Gateway.Ftps.Protocol;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Ftps.Protocol;

public sealed class ListParserTests
{
    private static readonly ListParser Parser = new(new ManualTimeProvider(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero)));

    [Theory]
    [InlineData("-rw-r--r--    1 1001     1001            3 Mar 09 14:13 f", nameof(FtpEntryType.File), 3L, "2026-03-09T14:13:00", "f")]
    [InlineData("-rw-r--r--   1 ftpslab  ftpslab         3 Jan  2  2020 g", nameof(FtpEntryType.File), 3L, "2020-01-02T00:00:00", "g")]
    [InlineData("drwxr-xr-x    2 0        0            4096 Nov 20 14:14 none", nameof(FtpEntryType.Directory), null, "2025-11-20T14:14:00", "none")]
    [InlineData("-rw-r--r-- 1 o g 3 Mar 10 23:59   two leading", nameof(FtpEntryType.File), 3L, "2026-03-10T23:59:00", "  two leading")]
    [InlineData("-rw-r--r-- 1 o g 3 Mar 12 00:00 tomorrow", nameof(FtpEntryType.File), 3L, "2025-03-12T00:00:00", "tomorrow")]
    [InlineData("-rw-r--r-- 1 o g 3 Feb 29 00:00 leap", nameof(FtpEntryType.File), 3L, "2024-02-29T00:00:00", "leap")]
    [InlineData("-rw-r--r-- 1 o g 3 Feb 30 2020 never", nameof(FtpEntryType.File), 3L, null, "never")]
    [InlineData("-rw-r--r--+ 1 o g 3 Mar 09 14:13 acl", nameof(FtpEntryType.File), 3L, "2026-03-09T14:13:00", "acl")]
    [InlineData("-rw-r--r-- 1 o 3 Mar 09 14:13 no group", nameof(FtpEntryType.File), 3L, "2026-03-09T14:13:00", "no group")]
    [InlineData("-rw-r--r-- 1 DOM\\Domain Users 3 Mar 09 14:13 spaced owner", nameof(FtpEntryType.File), 3L, "2026-03-09T14:13:00", "spaced owner")]
    [InlineData("-rw-r--r-- 1 o g 3 9 Mar 14:13 day first", nameof(FtpEntryType.File), 3L, "2026-03-09T14:13:00", "day first")]
    [InlineData("-rw-r--r-- 1 o g 3 2026-03-09 14:13 iso", nameof(FtpEntryType.File), 3L, "2026-03-09T14:13:00", "iso")]
    [InlineData("-rw-r--r-- 1 o g 9223372036854775807 Mar 09 9:05 big", nameof(FtpEntryType.File), long.MaxValue, "2026-03-09T09:05:00", "big")]
    [InlineData("lrwxrwxrwx 1 o g 7 Mar 09 14:13 dangling -> nowhere", nameof(FtpEntryType.Symlink), 7L, "2026-03-09T14:13:00", "dangling")]
    [InlineData("lrwxrwxrwx 1 o g 6 Mar 09 14:13 a -> b -> c -> d", nameof(FtpEntryType.Symlink), 6L, "2026-03-09T14:13:00", "a -> b")]
    [InlineData("lrwxrwxrwx 1 o g 999 Mar 09 14:13 a -> b", nameof(FtpEntryType.Symlink), 999L, "2026-03-09T14:13:00", "a")]
    [InlineData("lrwxrwxrwx 1 o g 9223372036854775807 Mar 09 14:13 b", nameof(FtpEntryType.Symlink), long.MaxValue, "2026-03-09T14:13:00", "b")]
    [InlineData("lrwxrwxrwx 1 o g 1 Mar 09 14:13 no arrow", nameof(FtpEntryType.Symlink), 1L, "2026-03-09T14:13:00", "no arrow")]
    [InlineData("crw-rw---- 1 root tty 5, 1 Mar 09 14:13 tty", nameof(FtpEntryType.Other), null, "2026-03-09T14:13:00", "tty")]
    [InlineData("prw-r--r-- 1 o g 0 Mar 09 14:13 fifo", nameof(FtpEntryType.Other), null, "2026-03-09T14:13:00", "fifo")]
    [InlineData("-rw-r--r-- 1 o g 3 Mar 09 14:13 Mar 09 14:13 x", nameof(FtpEntryType.File), 3L, "2026-03-09T14:13:00", "Mar 09 14:13 x")]
    [InlineData("drwxr-xr-x 2 o g 4096 Mar 09 14:13 .", nameof(FtpEntryType.Self), null, "2026-03-09T14:13:00", ".")]
    [InlineData("drwxr-xr-x 2 o g 4096 Mar 09 14:13 ..", nameof(FtpEntryType.Self), null, "2026-03-09T14:13:00", "..")]
    [InlineData("drwxr-xr-x 2 o g 4096 Mar 09 14:13 ...", nameof(FtpEntryType.Directory), null, "2026-03-09T14:13:00", "...")]
    [InlineData("11-20-25  02:13PM       <DIR>          a folder", nameof(FtpEntryType.Directory), null, "2025-11-20T14:13:00", "a folder")]
    [InlineData("11-20-2025  12:13AM              1,234 a file", nameof(FtpEntryType.File), 1234L, "2025-11-20T00:13:00", "a file")]
    [InlineData("2025-11-20  14:13                 1234  spaced", nameof(FtpEntryType.File), 1234L, "2025-11-20T14:13:00", " spaced")]
    [InlineData("11/20/99  12:13PM       <SYMLINKD>     l", nameof(FtpEntryType.Symlink), null, "1999-11-20T12:13:00", "l")]
    public void Lines_of_Unix_and_of_DOS(string line, string type, long? size, string? modified, string name)
    {
        Assert.True(TryParse(line, out var entry));
        Assert.Equal((type, size, name), (entry.Type.ToString(), entry.Size, entry.Name));
        Assert.Equal(modified, entry.Modified?.UtcDateTime.ToString("s", CultureInfo.InvariantCulture));
        Assert.True(entry.IsModifiedApproximate);
    }

    [Theory]
    [InlineData("-rw-r-----", 0b110_100_000)]
    [InlineData("-rwsr-sr-t", 0b111_111_101_101)]
    [InlineData("-rwSr-Sr-T", 0b111_110_100_100)]
    [InlineData("d---------", 0)]
    public void Permissions(string mode, int permissions)
    {
        Assert.True(TryParse(mode + " 1 o g 3 Mar 09 14:13 x", out var entry));
        Assert.Equal(permissions, entry.Permissions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("total 12")]
    [InlineData("-rw-r--r--")]
    [InlineData("-rw-r--r-- 1 o g 3 Mar 09 14:13")]
    [InlineData("-rw-r--r-- 1 o g 3 Mar 09 14:13 ")]
    [InlineData("-rw-r--r-- 1 o g x Mar 09 14:13 no size")]
    [InlineData("-rw-r--r-- 1 o g 99999999999999999999 Mar 09 14:13 x")]
    [InlineData("-rw-r--r-- 1 o g 3 Mar 32 14:13 x")]
    [InlineData("-rw-r--r-- 1 o g 3 Mar 09 25:13 x")]
    [InlineData("-rw-r--r-- 1 o g 3 Mrz 09 14:13 x")]
    [InlineData("?rw-r--r-- 1 o g 3 Mar 09 14:13 x")]
    [InlineData("-rw-q--r-- 1 o g 3 Mar 09 14:13 x")]
    [InlineData("wr--r--r-- 1 o g 3 Mar 09 14:13 x")]
    [InlineData("11-20-25  02:13PM       <DIR>")]
    [InlineData("11-20-25  13:13PM  12 x")]
    [InlineData("13-20-25  02:13PM  12 x")]
    [InlineData("11-20-25  02:13XM  12 x")]
    [InlineData("11-20-25  02:13PM  99999999999999999999 x")]
    [InlineData("11-20-25  02:13PM  ,12 x")]
    [InlineData("+i8388621.29609,m824255902,/,\tdev")]
    [InlineData("ls: cannot open directory '.': Permission denied")]
    [InlineData("type=file;size=3; f")]
    public void A_line_that_is_neither_is_refused(string line) => Assert.False(TryParse(line, out _));

    [Theory]
    [InlineData("", true)]
    [InlineData("total 12", true)]
    [InlineData("total 1.5M", true)]
    [InlineData("total recall", false)]
    [InlineData("total", false)]
    public void Only_empty_and_total_lines_are_decoration(string line, bool expected) => Assert.Equal(expected, ListParser.IsDecoration(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void No_bytes_make_a_parser_throw_or_an_entry_unsound()
    {
        string[] seeds =
        [
            "-rw-r--r--    1 1001     1001            3 Mar 09 14:13 f", "lrwxrwxrwx 1 o g 7 Mar 09 14:13 dangling -> nowhere",
            "11-20-25  02:13PM       <DIR>          a folder", "type=file;size=3;modify=20261120141350; a b", "-rw-r--r-- 1 o g 3 2026-03-09 14:13 iso",
        ];
        var random = new Random(20260310);
        for (var i = 0; i < 50_000; i++)
        {
            var line = Encoding.UTF8.GetBytes(seeds[i % seeds.Length]);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                line = Mutate(line, random);
            }

            AssertSound(Parser.TryParse(line, out var listed), listed);
            AssertSound(MachineListingParser.TryParse(line, out var facts), facts);
            Assert.False(ListParser.IsDecoration(line) && listed.Name is not null);
        }
    }

    private static void AssertSound(bool isEntry, FtpEntry entry) =>
        Assert.True(isEntry ? entry is { Name.Length: > 0, Size: null or >= 0, Permissions: null or (>= 0 and <= 0xFFF) } : entry.Name is null);

    private static byte[] Mutate(byte[] line, Random random)
    {
        var at = random.Next(line.Length + 1);
        return random.Next(4) switch
        {
            0 => [.. line[..at], (byte)random.Next(256), .. line[at..]],
            1 => line[..at],
            2 => [.. line[..at], .. line[random.Next(line.Length + 1)..]],
            _ => [.. line[..at], .. new byte[random.Next(40)].Select(_ => (byte)" 0123456789->;="[random.Next(15)]), .. line[at..]],
        };
    }

    private static bool TryParse(string line, out FtpEntry entry) => Parser.TryParse(Encoding.UTF8.GetBytes(line), out entry);
}
