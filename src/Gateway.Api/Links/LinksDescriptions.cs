using Gateway.Api.Errors;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Links;

/// <summary>The operation of <c>…/links</c>, described.</summary>
internal static class LinksDescriptions
{
    public static readonly OperationDescription Create = new()
    {
        Id = "createLink",
        Tag = OpenApiTags.Links,
        Summary = "Make a presigned link",
        Description = """
            A URL that a browser, a phone or `curl` uses without a key, for one file and one method: `GET` (and `HEAD`), or `PUT`. The caller needs
            the right to do it itself, now and whenever the link is used: a key that is removed, has expired or lost its grant takes its links with it,
            and so does the gateway's key for links (`Links:KeyFile`, `Links:PreviousKeyFile`) when it is removed. A link that is made with a token ends with the token, whose holder's rights nobody could ask for after that: see `expires`.

            Everything that the link allows is signed (HMAC-SHA256): on another path, with another method, with a parameter changed, added or
            given twice it is not valid, nor on any other route. Every such link gets 403 `forbidden`, and is told no more. Ranges, conditions
            and digests work as with a key.

            With `singleUse` a link is good for one answer with the whole file, `Range` being ignored, or for one stored upload. A download that broke off was
            the use; an upload that broke off, and every refusal, was none. Uses are counted in memory: each replica of the gateway counts
            for itself, and a restart forgets them.
            """,
        Parameters = [CommonParameters.Backend],
        Body = new BodyDescription(
            "application/json", "What the link is to allow.", typeof(LinkRequestDocument),
            """{ "path": "/2026/annual.pdf", "method": "GET", "expiresIn": 3600, "disposition": "inline", "singleUse": false }"""),
        Responses =
        [
            new(201, "The link.")
            {
                Bodies =
                [
                    new("application/json", "", typeof(LinkDocument), """
                        { "id": "yHkC1n7l4o0h0aJcFfX5Sg",
                          "url": "https://files.example.com/v1/backends/reports/files/2026/annual.pdf?link=yHkC1n7l4o0h0aJcFfX5Sg&expires=1798747200&key=…&issuer=…&disposition=inline&signature=…",
                          "href": "/v1/backends/reports/files/2026/annual.pdf?link=yHkC1n7l4o0h0aJcFfX5Sg&expires=1798747200&key=…&issuer=…&disposition=inline&signature=…",
                          "backend": "reports", "path": "/2026/annual.pdf", "method": "GET", "expires": "2026-12-31T20:00:00Z",
                          "maxBytes": null, "disposition": "inline", "singleUse": false }
                        """),
                ],
            },
        ],
        Problems =
        [
            .. CommonProblems.Request, ProblemTypes.ReadOnly, ProblemTypes.NotSupported, ProblemTypes.UnsupportedMediaType, ProblemTypes.ContentTooLarge,
        ],
    };
}
