using Gateway.Api.Links;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.UnitTests.Api.Links;

public sealed class LinkQueryTests
{
    private static readonly LinkKey s_key = LinkKeyTests.Parse(LinkKey.Create());
    private static readonly LinkSettings s_settings = new(s_key, null, TimeSpan.FromDays(1));

    private static readonly LinkTerms s_terms = new()
    {
        Id = "AAAAAAAAAAAAAAAAAAAAAA", Backend = "files", Path = RemotePath.Parse("/a b/ü"), Method = "GET", Expires = 1_900_000_000, Issuer = "c2VhbGVk", Disposition = "inline",
    };

    private static readonly string s_query = LinkQuery.Format(s_terms, s_key.Id, s_key.Sign(s_terms.Encode()));

    public static TheoryData<string> OtherQueries()
    {
        var query = s_query[1..];
        var parameters = query.Split('&');
        var others = new TheoryData<string> { "", "signature=", query + "&parents=true", query + "&once=1", query + "&max=5", query + "&x", query.Replace("inline", "attachment", StringComparison.Ordinal) };
        foreach (var parameter in parameters)
        {
            var (name, value) = (parameter.Split('=')[0], parameter.Split('=')[1]);
            others.Add(string.Join('&', parameters.Where(p => p != parameter)));
            others.Add(query + "&" + parameter);
            others.Add(query + "&" + name.ToUpperInvariant() + "=" + value);
            others.Add(query.Replace(parameter, name.ToUpperInvariant() + "=" + value, StringComparison.Ordinal));
            others.Add(query.Replace(parameter, parameter + "x", StringComparison.Ordinal));
            others.Add(query.Replace(parameter, name + "=" + value[..^1], StringComparison.Ordinal));
            others.Add(query.Replace(parameter, name + "=0" + value, StringComparison.Ordinal));
            others.Add(query.Replace(parameter, name + "=", StringComparison.Ordinal));
            others.Add(query.Replace(parameter, name + "[]=" + value, StringComparison.Ordinal));
        }

        return others;
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public void A_link_is_good_for_its_method_path_and_backend(string method) => Assert.Same(s_key, Judge(s_query, "files", "/a b/ü", method));

    [Fact]
    public void Order_and_encoding_mean_nothing() =>
        Assert.Same(s_key, Judge("?" + string.Join('&', s_query[1..].Split('&').Reverse()).Replace("inline", "%69nlin%65", StringComparison.Ordinal), "files", "/a b/ü", "GET"));

    [Theory]
    [MemberData(nameof(OtherQueries))]
    public void A_query_that_differs_is_no_link(string query) => Assert.Null(Judge("?" + query, "files", "/a b/ü", "GET"));

    [Theory]
    [InlineData("other", "/a b/ü", "GET")]
    [InlineData("Files", "/a b/ü", "GET")]
    [InlineData("files", "/a b/u\u0308", "GET")]
    [InlineData("files", "/a b/Ü", "GET")]
    [InlineData("files", "/a b/üü", "GET")]
    [InlineData("files", "/a b", "GET")]
    [InlineData("files", "/a b/ü/c", "GET")]
    [InlineData("files", "/a b/ü", "PUT")]
    [InlineData("files", "/a b/ü", "DELETE")]
    [InlineData("files", "/a b/ü", "POST")]
    public void A_link_is_good_for_nothing_else(string backend, string path, string method) => Assert.Null(Judge(s_query, backend, path, method));

    [Fact]
    public void A_link_of_another_key_is_none_whatever_key_it_names()
    {
        var other = LinkKeyTests.Parse(LinkKey.Create());
        var forged = LinkQuery.Format(s_terms, s_key.Id, other.Sign(s_terms.Encode()));

        Assert.Null(Judge(forged, "files", "/a b/ü", "GET"));
        Assert.Null(Judge(LinkQuery.Format(s_terms, other.Id, other.Sign(s_terms.Encode())), "files", "/a b/ü", "GET"));
        Assert.Null(Judge(LinkQuery.Format(s_terms, "unknown", LinkKey.Nobody.Sign(s_terms.Encode())), "files", "/a b/ü", "GET"));
        Assert.Same(other, Judge(LinkQuery.Format(s_terms, other.Id, other.Sign(s_terms.Encode())), "files", "/a b/ü", "GET", s_settings with { Previous = other }));
    }

    [Fact]
    public void No_two_terms_are_the_same_text()
    {
        LinkTerms[] terms =
        [
            s_terms, s_terms with { Backend = "files/", Path = RemotePath.Parse("/a") }, s_terms with { Backend = "files", Path = RemotePath.Parse("/a") },
            s_terms with { MaxBytes = 0 }, s_terms with { MaxBytes = 1 }, s_terms with { Disposition = null }, s_terms with { Disposition = "attachment" },
            s_terms with { IsSingleUse = true }, s_terms with { Issuer = "c2VhbGVk,1:1" }, s_terms with { Issuer = "" }, s_terms with { Expires = 1 },
            s_terms with { Expires = 11, MaxBytes = 1 }, s_terms with { Expires = 1, MaxBytes = 11 }, s_terms with { Id = "" }, s_terms with { Method = "PUT" },
        ];

        Assert.Equal(terms.Length, terms.Select(term => Convert.ToHexString(term.Encode())).Distinct().Count());
    }

    private static LinkKey? Judge(string query, string backend, string path, string method, LinkSettings? settings = null) =>
        LinkQuery.TryRead(new QueryCollection(QueryHelpers.ParseQuery(query)), backend, RemotePath.Parse(path), method, out var link)
            ? link.Verify(settings ?? s_settings)
            : null;
}
