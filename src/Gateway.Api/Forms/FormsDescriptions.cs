using Gateway.Api.Errors;
using Gateway.Api.OpenApi;
using Microsoft.OpenApi;

namespace Gateway.Api.Forms;

/// <summary>The operation of forms that are sent to a folder, described.</summary>
internal static class FormsDescriptions
{
    private const string Example = """
        { "backend": "reports", "path": "/2026", "files": [
          { "field": "files", "path": "/2026/annual.pdf", "outcome": "created", "size": 1234, "etag": "W/\"195503f5e00-4d2-a3f1\"",
            "location": "/v1/backends/reports/files/2026/annual.pdf" } ] }
        """;

    private static readonly HeaderDescription[] s_headers =
    [
        new("Location", "The file's URL; the folder's where the form has several.", "/v1/backends/reports/files/2026/annual.pdf"),
    ];

    public static readonly OperationDescription Upload = new()
    {
        Id = "uploadForm",
        Tag = OpenApiTags.Directories,
        Summary = "Upload files from a form",
        Description = """
            What a browser sends for `<form method="post" enctype="multipart/form-data">`, or a script as `FormData`: every part with a file name
            becomes a file in the folder, streamed as it arrives, whole or not at all as with `PUT`. Other fields are read past.

            A name with slashes, as browsers send for a whole folder (`webkitdirectory`), is a path below the folder. Names that lead
            elsewhere are refused. A form cannot say `If-None-Match`: `overwrite=false` refuses to replace (409).
            A part may have a `Content-Digest` of its own.

            The first failure ends the form. What was stored before stays, and the problem names it: its member `stored` is a list like `files`.

            A browser sends a form for any page without asking first. So it has to come from the gateway's own origin, or from one of
            `Cors:Origins`; else it is `forbidden`.
            """,
        Parameters =
        [
            CommonParameters.Backend,
            CommonParameters.Path("The folder", "2026"),
            new("overwrite", ParameterLocation.Query, "Whether files of the same names are replaced.") { Type = JsonSchemaType.Boolean, Default = "true" },
            new("parents", ParameterLocation.Query, "Whether to create the folders that are missing.") { Type = JsonSchemaType.Boolean, Default = "false" },
        ],
        Body = new BodyDescription("multipart/form-data", "The form.", typeof(FormUploadDocument)),
        Responses =
        [
            new(200, "All are stored, and each has replaced one.", s_headers) { Bodies = [new("application/json", "", typeof(FormDocument), Example)] },
            new(201, "All are stored.", s_headers) { Bodies = [new("application/json", "", typeof(FormDocument), Example)] },
        ],
        Problems =
        [
            .. CommonProblems.Write, ProblemTypes.Overloaded, ProblemTypes.Forbidden, ProblemTypes.IsADirectory, ProblemTypes.AlreadyExists, ProblemTypes.ContentTooLarge,
            ProblemTypes.UnsupportedMediaType, ProblemTypes.RequestTimeout, ProblemTypes.DigestMismatch,
        ],
    };
}
