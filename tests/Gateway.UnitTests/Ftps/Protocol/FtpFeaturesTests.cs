using Gateway.Ftps.Protocol;

namespace Gateway.UnitTests.Ftps.Protocol;

public sealed class FtpFeaturesTests
{
    [Fact]
    public void Vsftpd_has_no_machine_listings_and_is_known_behind_another_banner()
    {
        var features = Parse("AUTH TLS", "UTF8", "EPSV", "MDTM", "SIZE").With("hello\nAlways in UTF8 mode.", new FtpReply(215, ["UNIX Type: L8"]), new FtpReply(214, ["CHMOD UMASK HELP"]));
        Assert.False(features.MachineListings);
        Assert.True(features.IsVsftpd);
        Assert.True(features.IsUnix);
        Assert.True(features.SetPermissions);
        Assert.True(features.Utf8);
        Assert.False(features.SetTime);
    }

    [Fact]
    public void Only_the_facts_that_are_used_are_asked_for()
    {
        var features = Parse("MLST modify*;perm*;size*;type*;unique*;UNIX.group*;UNIX.mode*;", "MFMT");
        Assert.True(features.MachineListings);
        Assert.Equal("modify;size;type;UNIX.mode;", features.ChosenFacts);
        Assert.True(features.SetTime);
        Assert.False(features.IsPureFtpd);
    }

    [Theory]
    [InlineData("MLST type*;size*;modify*;")]
    [InlineData("MLST type*;size*;modify*;perm;")]
    [InlineData("MLST")]
    [InlineData("MLST ;;;")]
    public void Nothing_is_asked_where_the_choice_is_right_or_there_is_none(string line) => Assert.Null(Parse(line).ChosenFacts);

    [Fact]
    public void Pure_ftpd_is_known_by_its_own_fact() => Assert.True(Parse("MLST type*;size*;sizd*;modify*;", "MLSD").IsPureFtpd);

    [Fact]
    public void Case_and_spaces_do_not_matter_and_odd_lines_do_no_harm()
    {
        var features = Parse("  utf8  ", "mlst Type;SIZE*;", "", " ", "\u0000", "MLSTX type;");
        Assert.True(features.Utf8);
        Assert.Equal("Type;SIZE;", features.ChosenFacts);
    }

    [Fact]
    public void A_reply_without_lines_between_announces_nothing() =>
        Assert.Equal(FtpFeatures.Unknown, FtpFeatures.Parse(new FtpReply(211, ["no features"])));

    private static FtpFeatures Parse(params string[] lines) => FtpFeatures.Parse(new FtpReply(211, ["Features:", .. lines.Select(line => " " + line), "End"]));
}
