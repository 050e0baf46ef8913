using System.Text;
using Gateway.Api.Links;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Fuzz.Targets;

/// <summary>The queries of presigned links.</summary>
internal static class LinkTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        new("link", input =>
        {
            ReadLink(input);
            return ValueTask.CompletedTask;
        })
        {
            Words = ["&", "=", "link=", "expires=", "key=", "issuer=", "max=", "disposition=inline", "once=1", "signature=", "%26", "9223372036854775808", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
            BytesPerByte = 1000,
        },
    ];

    private static void ReadLink(byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        var path = RemotePath.Parse("/folder/file");
        if (!TryRead(text, path, out var link))
        {
            return;
        }

        var terms = link.Terms;
        FuzzFailure.Unless(terms.Expires >= 0 && terms.MaxBytes is null or >= 0, "A number is negative.");
        FuzzFailure.Unless(terms.Path == path && terms.Backend == "files" && terms.Method == "GET", "A query changes what its link is for.");
        if (new[] { terms.Id, terms.Issuer, link.KeyId }.All(word => word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            var isRead = TryRead(LinkQuery.Format(terms, link.KeyId, link.Signature), path, out var again);
            FuzzFailure.Unless(isRead && again!.Terms == terms && again.KeyId == link.KeyId, "A link that is written again is read as another.");
        }
    }

    private static bool TryRead(string text, RemotePath path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SignedLink? link)
    {
        try
        {
            return LinkQuery.TryRead(new QueryCollection(QueryHelpers.ParseQuery(text)), "files", path, "HEAD", out link);
        }
        catch (InvalidDataException)
        {
            // The framework's bound on queries.
            link = null;
            return false;
        }
    }
}
