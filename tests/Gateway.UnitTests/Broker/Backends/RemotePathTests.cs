using Gateway.Broker.Backends;

namespace Gateway.UnitTests.Broker.Backends;

public class RemotePathTests
{
    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("a", "/a")]
    [InlineData("/a", "/a")]
    [InlineData("/a/", "/a")]
    [InlineData("a/b/c", "/a/b/c")]
    [InlineData("/.hidden/...", "/.hidden/...")]
    [InlineData("/..a/b..", "/..a/b..")]
    public void One_leading_and_one_trailing_slash_are_optional(string text, string value)
    {
        Assert.True(RemotePath.TryParse(text, out var path, out var reason), reason);
        Assert.Equal(value, path.Value);
        Assert.Equal(value, path.ToString());
        Assert.Equal(path, RemotePath.Parse(path.Value));
    }

    [Theory]
    [InlineData("a b  c")]
    [InlineData(" ")]
    [InlineData("-rf")]
    [InlineData("it's \"quoted\" `here`")]
    [InlineData("50%")]
    [InlineData("%2e%2e")]
    [InlineData("a#b?c;d&e=f+g")]
    [InlineData(@"back\slash")]
    [InlineData(@"..\..\windows")]
    [InlineData("~")]
    [InlineData("*[?]{a,b}$HOME")]
    [InlineData("C:")]
    [InlineData("文件-ملف-😀")]
    [InlineData("e\u0301 and \u00e9")]
    [InlineData("\u202egnp.exe")]
    [InlineData("\u200b")]
    public void Every_name_that_a_server_can_have_is_legal_and_kept_as_it_is(string name)
    {
        Assert.True(RemotePath.TryParse($"/folder/{name}", out var path, out var reason), reason);
        Assert.Equal(name, path.Name);
        Assert.Equal($"/folder/{name}", path.Value);
        Assert.True(RemotePath.IsValidName(name));
        Assert.Equal(path, RemotePath.Parse("/folder").Append(name));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("/..")]
    [InlineData("/a/../b")]
    [InlineData("/a/..")]
    [InlineData("../a")]
    [InlineData("/a/./b")]
    [InlineData("/a/.")]
    [InlineData("//")]
    [InlineData("///")]
    [InlineData("//a")]
    [InlineData("a//b")]
    [InlineData("/a//")]
    [InlineData("/a\0b")]
    [InlineData("/a\nb")]
    [InlineData("/a\r\nDELE b")]
    [InlineData("/a\tb")]
    [InlineData("/a\u007fb")]
    [InlineData("/a\u0085b")]
    [InlineData("/a\u009bb")]
    [InlineData("/\u001b[31m")]
    public void What_could_leave_the_root_or_break_a_protocol_is_refused_with_a_reason(string text)
    {
        Assert.False(RemotePath.TryParse(text, out var path, out var reason));
        Assert.Equal(RemotePath.Root, path);
        Assert.StartsWith("The path ", reason, StringComparison.Ordinal);
        Assert.Equal(reason, Assert.Throws<FormatException>(() => RemotePath.Parse(text)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("/")]
    [InlineData("a/b")]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("a\nb")]
    public void What_is_not_one_segment_is_not_a_name(string name)
    {
        Assert.False(RemotePath.IsValidName(name));
        Assert.Throws<ArgumentException>(() => RemotePath.Root.Append(name));
    }

    [Fact]
    public void A_reason_never_repeats_the_path()
    {
        Assert.False(RemotePath.TryParse("/my\u0001secret", out _, out var reason));
        Assert.DoesNotContain("secret", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData("漢")]
    [InlineData("😀")]
    public void The_limit_is_in_bytes_of_utf8_and_counts_the_leading_slash(string letter)
    {
        var size = System.Text.Encoding.UTF8.GetByteCount(letter);
        var most = (RemotePath.MaxBytes - 1) / size;
        var longest = string.Concat(Enumerable.Repeat(letter, most));

        Assert.True(RemotePath.TryParse(longest, out _, out _));
        Assert.True(RemotePath.TryParse($"/{longest}/", out _, out _));
        Assert.False(RemotePath.TryParse(longest + letter, out _, out var reason));
        Assert.Contains("4095 bytes", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_refused_wherever_it_stands()
    {
        // Not as theory data: attributes hold UTF-8, which cannot carry these.
        foreach (var name in new[] { "a\ud800b", "\udc00", "\udc00\ud800", "a\ud83d", "😀\ude00" })
        {
            Assert.False(RemotePath.TryParse($"/{name}/b", out _, out var reason));
            Assert.Equal("The path is not valid Unicode.", reason);
            Assert.False(RemotePath.IsValidName(name));
        }
    }

    [Fact]
    public void The_root_is_its_own_parent_and_has_no_name()
    {
        Assert.True(RemotePath.Root.IsRoot);
        Assert.Equal("/", RemotePath.Root.Value);
        Assert.Equal("", RemotePath.Root.Name);
        Assert.Equal(RemotePath.Root, RemotePath.Root.Parent);
        Assert.Equal(RemotePath.Root, RemotePath.Parse("/"));
        Assert.Equal(RemotePath.Root, default);
    }

    [Fact]
    public void Names_and_parents_lead_back_to_the_root()
    {
        var path = RemotePath.Parse("/a/b/c");

        Assert.Equal(("c", "/a/b"), (path.Name, path.Parent.Value));
        Assert.Equal("/a", path.Parent.Parent.Value);
        Assert.True(path.Parent.Parent.Parent.IsRoot);
        Assert.Equal(path, RemotePath.Root.Append("a").Append("b").Append("c"));
        Assert.False(path.IsRoot);
    }

    [Theory]
    [InlineData("/a", "/a", true)]
    [InlineData("/a/b", "/a", true)]
    [InlineData("/a/b/c", "/a", true)]
    [InlineData("/ab", "/a", false)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("/A", "/a", false)]
    [InlineData("/a", "/", true)]
    [InlineData("/", "/", true)]
    [InlineData("/", "/a", false)]
    [InlineData("/e\u0301", "/\u00e9", false)]
    public void Within_means_the_folder_itself_or_below_it(string path, string folder, bool within)
    {
        Assert.Equal(within, RemotePath.Parse(path).IsWithin(RemotePath.Parse(folder)));
    }

    [Fact]
    public void Paths_are_compared_byte_for_byte()
    {
        Assert.NotEqual(RemotePath.Parse("/a"), RemotePath.Parse("/A"));
        Assert.NotEqual(RemotePath.Parse("/e\u0301"), RemotePath.Parse("/\u00e9"));
        Assert.Equal(RemotePath.Parse("a/b/").GetHashCode(), RemotePath.Parse("/a/b").GetHashCode());
    }
}
