using Gateway.Api.Directories.Zip;

namespace Gateway.UnitTests.Api.Directories.Zip;

public sealed class ZipNameTests
{
    [Theory]
    [InlineData("", "a.txt", "a.txt")]
    [InlineData("a/b", "文件 🎉.txt", "a/b/文件 🎉.txt")]
    [InlineData("", "..\\..\\evil", "..%5C..%5Cevil")]
    [InlineData("", "\\\\host\\share", "%5C%5Chost%5Cshare")]
    [InlineData("", "C:", "C%3A")]
    [InlineData("", "c:evil", "c%3Aevil")]
    [InlineData("a", "C:", "a/C:")]
    [InlineData("", "10:30 notes", "10:30 notes")]
    [InlineData("", ".. ", "%2E%2E%20")]
    [InlineData("a", "...", "a/%2E%2E%2E")]
    [InlineData("a", " ", "a/%20")]
    [InlineData("", ".hidden", ".hidden")]
    [InlineData("", "..a", "..a")]
    [InlineData("", "-rf", "-rf")]
    public void Nothing_leads_out_of_the_folder(string parent, string name, string expected) => Assert.Equal(expected, ZipName.Of(parent, name));
}
