using Gateway.Api.Errors;
using Gateway.Api.OpenApi;
using Microsoft.OpenApi;

namespace Gateway.Api.Entries;

/// <summary>The operations of <c>…/entries/{path}</c>, described.</summary>
internal static class EntriesDescriptions
{
    private static readonly ResponseDescription s_entry = new(200, "The entry.",
        new HeaderDescription("ETag", "As of the file's download.", "\"195503f5e00-4d2-a3f1\""),
        new HeaderDescription("Cache-Control", "May be kept, must be asked for before it is used.", "private, no-cache"))
    {
        Bodies =
        [
            new("application/json", "", typeof(EntryDocument), """
                { "name": "annual.pdf", "path": "/2026/annual.pdf", "type": "file", "size": 1234, "modified": "2025-03-01T12:00:00Z",
                  "permissions": "0644", "etag": "\"195503f5e00-4d2-a3f1\"" }
                """),
        ],
    };

    public static readonly OperationDescription Get = new()
    {
        Id = "getEntry",
        Tag = OpenApiTags.Entries,
        Summary = "Show one entry",
        Description = "Metadata of a file, folder or link. A link is told as such, or with `follow=true` as what it points to. FTP servers cannot tell links.",
        Parameters =
        [
            CommonParameters.Backend,
            CommonParameters.Path("The entry", "2026/annual.pdf"),
            new("follow", ParameterLocation.Query, "Whether to follow a link.") { Type = JsonSchemaType.Boolean, Default = "false" },
        ],
        Responses = [s_entry],
        Problems = [.. CommonProblems.Backend, ProblemTypes.NotADirectory],
    };

    public static readonly OperationDescription Patch = new()
    {
        Id = "patchEntry",
        Tag = OpenApiTags.Entries,
        Summary = "Change the modification time or the permissions",
        Description = """
            Sets what the document names and leaves the rest. Of a link, what it points to is changed. `capabilities.setModified` and
            `capabilities.setPermissions` of the backend tell what the server can; the other is `not-supported`. An FTPS server is
            told one after the other: if the second fails the first stays.
            """,
        Parameters =
        [
            CommonParameters.Backend,
            CommonParameters.Path("The entry", "2026/annual.pdf"),
            CommonParameters.IfMatch,
            CommonParameters.IfUnmodifiedSince,
        ],
        Body = new BodyDescription(
            "application/merge-patch+json", "What to change (RFC 7396); `application/json` is taken as well.", typeof(EntryPatchDocument),
            """{ "modified": "2026-01-31T12:00:00Z", "permissions": "0644" }"""),
        Responses = [s_entry],
        Problems = [.. CommonProblems.Write, ProblemTypes.PreconditionFailed, ProblemTypes.UnsupportedMediaType, ProblemTypes.ContentTooLarge],
    };
}
