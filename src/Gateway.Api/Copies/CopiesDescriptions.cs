using Gateway.Api.Errors;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Copies;

/// <summary>The operation of <c>…/copies</c>, described.</summary>
internal static class CopiesDescriptions
{
    private static readonly HeaderDescription[] s_headers =
    [
        new("Location", "The copy's URL.", "/v1/backends/archive/files/2026/annual.pdf"),
        new("ETag", "Of the copy.", "\"195503f5e00-4d2-a3f1\""),
        new("Last-Modified", "Of the copy: that of the file, where the server keeps it.", "Sat, 01 Mar 2025 12:00:00 GMT"),
    ];

    public static readonly OperationDescription Create = new()
    {
        Id = "createCopy",
        Tag = OpenApiTags.Copies,
        Summary = "Copy a file or folder",
        Description = """
            Within the backend of the URL, or from it to `toBackend`, also between SFTP and FTPS. Within a backend the server copies by itself
            where it can (`capabilities.serverSideCopy`); else the bytes are streamed through the gateway and never kept. Paths are plain
            text here, not percent-encoded. The copy keeps the modification time where the server can.

            Like an upload a copy is whole or absent: the bytes go to a temporary name, and get the final one when the server has confirmed
            all of them. The request lasts as long as the copying; a caller that leaves ends it, and nothing is left. The folder that is
            to hold the copy must exist. Conditions are judged on what is copied.

            With `recursive` a folder is copied with everything in it, but links, pipes and the like: `skipped` counts them. With `overwrite` it
            joins a folder of that name, else that is `already-exists`. The tree is read before anything is written (at most 100,000
            entries); the first failure ends the copying, what was copied before stays, and the problem's member `copied` counts its files.
            """,
        Parameters = [CommonParameters.Backend, CommonParameters.IfMatch, CommonParameters.IfUnmodifiedSince],
        Body = new BodyDescription(
            "application/json", "What to copy where.", typeof(CopyDocument),
            """{ "from": "/2026/annual.pdf", "to": "/2026/annual.pdf", "toBackend": "archive", "overwrite": false, "recursive": false }"""),
        Responses =
        [
            new(201, "Created. A folder's copy has a body.", s_headers)
            {
                Bodies =
                [
                    new("application/json", "", typeof(TreeCopyDocument), """
                        { "backend": "archive", "path": "/2026", "folders": 3, "files": 28, "bytes": 123456, "skipped": 0 }
                        """),
                ],
            },
            new(204, "Replaced.", s_headers),
        ],
        Problems =
        [
            .. CommonProblems.Write, ProblemTypes.Overloaded, ProblemTypes.AlreadyExists, ProblemTypes.IsADirectory, ProblemTypes.PreconditionFailed,
            ProblemTypes.UnsupportedMediaType, ProblemTypes.ContentTooLarge,
        ],
    };
}
