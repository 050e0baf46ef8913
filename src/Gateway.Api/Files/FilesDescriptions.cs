using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Api.OpenApi;
using Microsoft.OpenApi;

namespace Gateway.Api.Files;

/// <summary>The operations of <c>…/files/{path}</c>, described.</summary>
internal static class FilesDescriptions
{
    private static readonly HeaderDescription s_etag = new(
        "ETag", "Tag of the content, made of size, time and path; weak while the file is younger than 2 s, absent where the server tells too little.", "\"195503f5e00-4d2-a3f1\"");

    private static readonly HeaderDescription s_lastModified = new("Last-Modified", "Modification time on the server.", "Sat, 01 Mar 2025 12:00:00 GMT");

    private static readonly HeaderDescription s_reprDigest = new(
        "Repr-Digest", "Of the stored file, where `Want-Repr-Digest` asked for it.", "sha-256=:ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=:");

    private static readonly HeaderDescription[] s_bodyHeaders =
    [
        s_etag, s_lastModified,
        new("Accept-Ranges", "`bytes`, or `none` where the server does not tell the size.", "bytes"),
        new("Content-Disposition", "Name of the file, as RFC 6266 and RFC 8187 write it.", "attachment; filename=\"annual.pdf\""),
        new("Cache-Control", "May be kept, must be asked for before it is used.", "private, no-cache"),
        new("Content-Security-Policy", "A file is a stranger's: a browser must not run it.", "sandbox"),
        new("X-Content-Type-Options", "Nor guess what it is.", "nosniff"),
    ];

    private static readonly ParameterDescription[] s_downloadParameters =
    [
        CommonParameters.Backend,
        CommonParameters.Path("The file", "2026/annual.pdf"),
        new("disposition", ParameterLocation.Query, "Whether a browser saves the file or may show it.") { Choices = ["attachment", "inline"], Default = "attachment" },
        new("Range", ParameterLocation.Header, 
            "Ranges of bytes: 206. Several come as `multipart/byteranges` in the order asked for, joined where they touch; those behind the end are left out. More than 64, or another unit, are answered with the whole file; `HEAD` knows no ranges.", "bytes=0-1023"),
        new("If-Range", ParameterLocation.Header, "An `ETag` or `Last-Modified`: `Range` counts only if the file is still that one."),
        new("If-None-Match", ParameterLocation.Header, "304 if the file's `ETag` is one of these."),
        new("If-Modified-Since", ParameterLocation.Header, "304 if the file was not modified after this date."),
        CommonParameters.IfMatch,
        CommonParameters.IfUnmodifiedSince,
        new("Want-Repr-Digest", ParameterLocation.Header, "Asks for a digest of the whole file in the trailer `Repr-Digest` (RFC 9530): `sha-256` and `sha-512` with weights up to 10; others are ignored.", "sha-256=10, sha-512=3"),
        new("TE", ParameterLocation.Header, "`trailers`: needed for the digest in HTTP/1.1, where it makes the body chunked, without `Content-Length`. HTTP/2 needs it not.", "trailers"),
    ];

    public static readonly OperationDescription Download = new()
    {
        Id = "downloadFile",
        Tag = OpenApiTags.Files,
        Summary = "Download a file",
        Description = """
            Streams the file from the server as it is read. `Content-Type` follows the file's extension.

            Conditions are judged in the order of RFC 9110, section 13.2.2. A failure after the first byte cuts the connection: with
            `Content-Length` or chunks a client sees that the body is not whole, and can go on with `Range` and `If-Range`.
            A caller that takes nothing for the backend's `Transfers:StallTimeout` is cut off.

            A folder is no file (`is-a-directory`); but where its path ends with a slash and `Accept` prefers `text/html`, as browsers do, the
            answer is a page of links to what is in it.
            """,
        Parameters = s_downloadParameters,
        Responses =
        [
            new(200, "The whole file.", [.. s_bodyHeaders, new("Trailer", "`Repr-Digest`, where the digest follows the body.", "Repr-Digest"), new("Vary", "Of a page of links: the answer depends on `Accept`.", "Accept")])
            {
                Bodies = [new("application/octet-stream", ""), new(LinkPage.ContentType, "")],
            },
            new(206, "The range, or several.", [.. s_bodyHeaders, new("Content-Range", "Which bytes, of how many; of several ranges each part has its own.", "bytes 0-1023/4096")])
            {
                Bodies = [new("application/octet-stream", ""), new("multipart/byteranges", "")],
            },
            new(304, "The caller has the file already.", s_etag, s_lastModified),
        ],
        Problems =
            [.. CommonProblems.Backend, ProblemTypes.Overloaded, ProblemTypes.IsADirectory, ProblemTypes.NotADirectory, ProblemTypes.PreconditionFailed, ProblemTypes.RangeNotSatisfiable],
    };

    public static readonly OperationDescription Upload = new()
    {
        Id = "uploadFile",
        Tag = OpenApiTags.Files,
        Summary = "Upload a file",
        Description = """
            The body is the file, with `Content-Length` or chunked. It is streamed to a temporary name beside the target, which gets the final
            name when the server has confirmed every byte: whatever goes wrong, the old file or none is there, never a part.

            With `Expect: 100-continue` every refusal that needs no body comes before it. The parent folder must exist, or is created with
            `parents=true`; folders that were created stay, also where the upload then fails.

            `If-None-Match: *` creates and never replaces, in one step where the server can (`capabilities.atomicCreate`). `If-Match` and
            `If-Unmodified-Since` replace only what the caller has seen: they are judged before the body and again right before the rename.
            Between that look and the rename another client of the server can still come in: SFTP and FTP have no way to do both at once.

            `Content-Digest` and `Repr-Digest` (RFC 9530; here they are the same) are compared before the file gets its name. They may
            also follow a chunked or HTTP/2 body as trailers, where the header `Trailer` announces them.
            """,
        Parameters =
        [
            CommonParameters.Backend,
            CommonParameters.Path("The file", "2026/annual.pdf"),
            CommonParameters.IfMatch,
            new("If-None-Match", ParameterLocation.Header, "`*`: only if there is no file of that name; else 412.", "*"),
            CommonParameters.IfUnmodifiedSince,
            new("parents", ParameterLocation.Query, "Whether to create the folders on the way that are missing.") { Type = JsonSchemaType.Boolean, Default = "false" },
            new("Content-Digest", ParameterLocation.Header, "`sha-256=:BASE64:` or `sha-512=:BASE64:`, or both; other algorithms are ignored. 422 if the body is another.", "sha-256=:ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=:"),
            new("Repr-Digest", ParameterLocation.Header, "The same."),
            new("Want-Repr-Digest", ParameterLocation.Header, "Which digest of the stored file to answer with.", "sha-256=10"),
            new("X-Modified", ParameterLocation.Header, "Modification time to give the file, where the server can: RFC 3339, or as HTTP writes dates.", "2025-03-01T12:00:00Z"),
            new("Last-Modified", ParameterLocation.Header, "The same, for clients that send it; `X-Modified` wins."),
        ],
        Body = new BodyDescription("application/octet-stream", "The file's bytes. Any `Content-Type` is taken, and none is kept."),
        Responses =
        [
            new(201, "Created.", new("Location", "The file's URL.", "/v1/backends/reports/files/2026/annual.pdf"), s_etag, s_lastModified, s_reprDigest),
            new(204, "Replaced.", new("Location", "The file's URL.", "/v1/backends/reports/files/2026/annual.pdf"), s_etag, s_lastModified, s_reprDigest),
        ],
        Problems =
        [
            .. CommonProblems.Write, ProblemTypes.Overloaded, ProblemTypes.IsADirectory, ProblemTypes.AlreadyExists, ProblemTypes.PreconditionFailed,
            ProblemTypes.ContentTooLarge, ProblemTypes.UnsupportedMediaType, ProblemTypes.RequestTimeout, ProblemTypes.DigestMismatch,
        ],
    };

    public static readonly OperationDescription Delete = new()
    {
        Id = "deleteFile",
        Tag = OpenApiTags.Files,
        Summary = "Delete a file",
        Description = "Removes a file, or a link (never what it points to).",
        Parameters =
        [
            CommonParameters.Backend, CommonParameters.Path("The file", "2026/annual.pdf"), CommonParameters.IfMatch, CommonParameters.IfUnmodifiedSince,
            new("If-None-Match", ParameterLocation.Header, "Goes on only if the file's `ETag` is none of these; else 412."),
        ],
        Responses = [new(204, "Deleted.")],
        Problems = [.. CommonProblems.Write, ProblemTypes.IsADirectory, ProblemTypes.PreconditionFailed],
    };
}
