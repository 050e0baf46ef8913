namespace Gateway.FunctionalTests.Contract;

/// <summary>Legal names that some layer of some program trips over.</summary>
internal static class OddNames
{
    public static IReadOnlyList<string> All { get; } =
    [
        "with space", "two  spaces", " leading space", "trailing space ", "no\u00A0break", "zero\u200Bwidth",
        "single'quote", "double\"quote", "back`tick", "hash#tag", "per%cent", "per%41cent", "per%2Fcent", "question?", "semi;colon",
        "amp&ersand", "plus+plus", "equal=s", "at@sign", "colon:colon", "comma,comma", "pipe|pipe", "less<more>", "$HOME", "$(id)",
        "back\\slash", "trailing\\", "-dash", "--help", "-la", "star*", "*", "[a-z]", "{a,b}", "~", "~root", "!bang", "^caret",
        "...", "..dots", ".dot", "trailing.", "a -> b", "12-31-24  11:59PM       <DIR>          x", "drwxr-xr-x 1 a b 1 Jan 1 00:00 x",
        "emoji 😀", "中文文件", "ملف عربي", "Grüße", "Gru\u0308ße", "\u202Ertl", "ﬁ ligature", "\uFEFFbom", "CON", "nul.txt",
        new string('x', 255), new string('漢', 85), "."  + new string('y', 250),
    ];
}
