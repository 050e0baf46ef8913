using Gateway.Api.Directories.Zip;
using Gateway.Api.Entries;
using Gateway.Api.Errors;
using Gateway.Api.OpenApi;
using Microsoft.OpenApi;

namespace Gateway.Api.Directories;

/// <summary>The operations of <c>…/directories/{path}</c>, described.</summary>
internal static class DirectoriesDescriptions
{
    private const string ExampleEntry = """
        { "name": "annual.pdf", "path": "/2026/annual.pdf", "type": "file", "size": 1234, "modified": "2025-03-01T12:00:00Z",
          "permissions": "0644", "etag": "\"195503f5e00-4d2-a3f1\"" }
        """;

    public static readonly OperationDescription List = new()
    {
        Id = "listDirectory",
        Tag = OpenApiTags.Directories,
        Summary = "List a folder",
        Description = """
            As JSON: sorted, and with `limit` in pages. `next` of one page is `after` of the next one, also as a `Link` header. All pages are of one
            snapshot, which is kept for two minutes after its last page: what comes or goes meanwhile changes nothing. After that the next
            page is of a fresh listing, behind the same place in the order. A first page may be some seconds old (`Listing:CacheDuration`), but
            never older than a change made through the gateway. At most 1,000,000 entries are sorted; a larger folder is for NDJSON.

            With `Accept: application/x-ndjson`: one entry a line as the server sends them, unsorted, in constant memory however large the folder
            is. If the listing breaks off, the last line is `{"problem": { … }}`; a listing without it is whole.

            With `recursive=true` also what is below, each `path` in full; links are never followed. A folder in the tree that the account may not
            read is told and passed over: in `unreadable`, or in a line `{"unreadable": { … }}`.

            With `Accept: application/zip`: the whole tree as an archive, streamed as it is read, ZIP64 where it has to be. Times are UTC;
            a link is the file that it leads to, if that lies below the root; special files, links to nowhere or to folders, and names that
            cannot be written in a path are left out, and the archive's comment says how many. Backslashes, drive letters and segments of dots
            are written as `%XX`. Whatever else fails cuts the exchange off: an archive that arrives is whole. It takes no query parameter but `compression`.

            Links are told as links. A name that cannot be written in a path has its odd characters escaped and a `path` of null.
            """,
        Parameters =
        [
            CommonParameters.Backend,
            CommonParameters.Path("The folder", "2026"),
            new("limit", ParameterLocation.Query, "Most entries; all where it is absent.", "100") { Type = JsonSchemaType.Integer },
            new("after", ParameterLocation.Query, "`next` of the page before, in the same order."),
            new("sort", ParameterLocation.Query, "What to order by.") { Choices = ["name", "size", "modified"], Default = "name" },
            new("order", ParameterLocation.Query, "Which way.") { Choices = ["asc", "desc"], Default = "asc" },
            new("compression", ParameterLocation.Query, "Of an archive: `none` is several times faster, for what is compressed already, and for unpackers that have the whole file; those that stream (Java's `ZipInputStream`) need `fastest`.") { Choices = ["fastest", "none"], Default = "fastest" },
            new("recursive", ParameterLocation.Query, "Whether to list everything below, too.") { Type = JsonSchemaType.Boolean, Default = "false" },
            new("depth", ParameterLocation.Query, "With `recursive=true`: folders below each other to list, at most 64; 1 is the folder alone.", "2") { Type = JsonSchemaType.Integer },
            new("match", ParameterLocation.Query, "Only names that fit: `*` any characters, `?` one, `[a-z]` one of a set, `[!a-z]` one not of it, `\\` before a character that is meant as it is. Case counts.", "*.pdf"),
        ],
        Responses =
        [
            new(200, "The entries.",
                new("Link", "The next page; absent on the last.", "</v1/backends/reports/directories/2026?limit=100&after=0123456789abcdef%2F%2Fannual.pdf>; rel=\"next\""),
                new("Content-Disposition", "Of an archive: its name.", "attachment; filename=\"2026.zip\""),
                new("Content-Security-Policy", "Of an archive: nothing in it runs in the gateway's name.", "sandbox"),
                new("Accept-Ranges", "Of an archive: it is made as it is sent, and has no ranges.", "none"),
                new("Vary", "The answer depends on `Accept`.", "Accept"),
                new("Cache-Control", "May be kept, must be asked for before it is used.", "private, no-cache"))
            {
                Bodies =
                [
                    new("application/json", "", typeof(ListingDocument), $$"""
                        { "backend": "reports", "path": "/2026", "entries": [ {{ExampleEntry}} ], "unreadable": [], "next": null }
                        """),
                    new(LineListing.ContentType, "", typeof(EntryDocument), ExampleEntry),
                    new(ZipListing.ContentType, ""),
                ],
            },
        ],
        Problems = [.. CommonProblems.Backend, ProblemTypes.Overloaded, ProblemTypes.NotADirectory, ProblemTypes.NotAcceptable],
    };

    public static readonly OperationDescription Create = new()
    {
        Id = "createDirectory",
        Tag = OpenApiTags.Directories,
        Summary = "Create a folder",
        Description = "With every folder above it that is missing. Creating one that is there is no error.",
        Parameters = [CommonParameters.Backend, CommonParameters.Path("The folder", "2026/drafts")],
        Responses =
        [
            new(201, "Created.", new HeaderDescription("Location", "The folder's URL.", "/v1/backends/reports/directories/2026/drafts")),
            new(204, "It was there.", new HeaderDescription("Location", "The folder's URL.", "/v1/backends/reports/directories/2026/drafts")),
        ],
        Problems = [.. CommonProblems.Write, ProblemTypes.AlreadyExists],
    };

    public static readonly OperationDescription Delete = new()
    {
        Id = "deleteDirectory",
        Tag = OpenApiTags.Directories,
        Summary = "Delete a folder",
        Description = """
            An empty one, or with `recursive=true` a whole tree. Links in the tree are removed, never followed. A tree is deleted entry by
            entry: after a failure what was not reached yet is still there. The root itself cannot be deleted.
            """,
        Parameters =
        [
            CommonParameters.Backend,
            CommonParameters.Path("The folder", "2026/drafts"),
            new("recursive", ParameterLocation.Query, "Whether to delete everything below it, too.") { Type = JsonSchemaType.Boolean, Default = "false" },
        ],
        Responses = [new(204, "Deleted.")],
        Problems = [.. CommonProblems.Write, ProblemTypes.NotEmpty],
    };
}
