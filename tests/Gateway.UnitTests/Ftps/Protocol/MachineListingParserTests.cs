using System.Text;
using Gateway.Ftps.Protocol;

namespace Gateway.UnitTests.Ftps.Protocol;

public sealed class MachineListingParserTests
{
    [Theory]
    [InlineData("type=file;size=3;modify=20261120141350; a b'\"c", nameof(FtpEntryType.File), "a b'\"c")]
    [InlineData("Type=DIR;Modify=20261120141350;  leading", nameof(FtpEntryType.Directory), " leading")]
    [InlineData("type=OS.unix=slink:/x/y;size=3; link", nameof(FtpEntryType.Symlink), "link")]
    [InlineData("type=OS.unix=symlink;size=3; link", nameof(FtpEntryType.Symlink), "link")]
    [InlineData("type=OS.unix=chr-1/2; tty", nameof(FtpEntryType.Other), "tty")]
    [InlineData("type=unknown;size=0; pipe", nameof(FtpEntryType.Other), "pipe")]
    [InlineData("size=0; untyped", nameof(FtpEntryType.Other), "untyped")]
    [InlineData("type=cdir; .", nameof(FtpEntryType.Self), ".")]
    [InlineData("type=pdir; /", nameof(FtpEntryType.Self), "/")]
    [InlineData("type=dir; ..", nameof(FtpEntryType.Self), "..")]
    [InlineData(" no facts", nameof(FtpEntryType.Other), "no facts")]
    [InlineData("type=file;x.strange=a,b:c=d; a=b;c=d; e", nameof(FtpEntryType.File), "a=b;c=d; e")]
    public void Type_and_name(string line, string type, string name)
    {
        Assert.True(TryParse(line, out var entry));
        Assert.Equal((type, name, true), (entry.Type.ToString(), entry.Name, entry.IsUtf8));
    }

    [Fact]
    public void Facts_of_a_file()
    {
        Assert.True(TryParse("modify=20261120141350.5;perm=adfrw;size=9223372036854775807;type=file;UNIX.mode=0100644;unique=1; f", out var entry));
        Assert.Equal(long.MaxValue, entry.Size);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 14, 13, 50, TimeSpan.Zero), entry.Modified);
        Assert.Equal(0x1A4, entry.Permissions);
        Assert.False(entry.IsModifiedApproximate);
    }

    [Fact]
    public void The_size_of_a_folder_is_of_no_use()
    {
        Assert.True(TryParse("type=dir;size=4096;sizd=4096; d", out var entry));
        Assert.Null(entry.Size);
    }

    [Fact]
    public void A_time_or_mode_that_is_none_hides_no_entry()
    {
        Assert.True(TryParse("type=file;modify=yesterday;unix.mode=rw-;size=1; f", out var entry));
        Assert.Null(entry.Modified);
        Assert.Null(entry.Permissions);
        Assert.Equal(1, entry.Size);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("name")]
    [InlineData("name with space")]
    [InlineData("type=file;")]
    [InlineData("type=file; ")]
    [InlineData("type=file name")]
    [InlineData("type; name")]
    [InlineData("type=file;; name")]
    [InlineData("type=file;size=-1; name")]
    [InlineData("type=file;size=9223372036854775808; name")]
    [InlineData("type=file;size=1k; name")]
    [InlineData("type=file;size=; name")]
    [InlineData("-rw-r--r-- 1 a b 3 Nov 20 14:13 name")]
    public void A_line_that_is_none_is_refused(string line) => Assert.False(TryParse(line, out _));

    [Fact]
    public void A_name_that_is_no_utf8_is_marked()
    {
        byte[] line = [.. "type=file;size=1; bad"u8, 0xFF, 0xFE, .. "name"u8];
        Assert.True(MachineListingParser.TryParse(line, out var entry));
        Assert.False(entry.IsUtf8);
        Assert.StartsWith("bad", entry.Name, StringComparison.Ordinal);
    }

    private static bool TryParse(string line, out FtpEntry entry) => MachineListingParser.TryParse(Encoding.UTF8.GetBytes(line), out entry);
}
