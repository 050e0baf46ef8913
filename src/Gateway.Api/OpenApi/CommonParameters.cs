using Microsoft.OpenApi;

namespace Gateway.Api.OpenApi;

/// <summary>Parameters that many operations share.</summary>
internal static class CommonParameters
{
    public static readonly ParameterDescription Backend = new(
        "backend", ParameterLocation.Path, "Name of a backend, as `GET /v1/backends` lists it.", "reports");

    public static readonly ParameterDescription IfMatch = new(
        "If-Match", ParameterLocation.Header,
        "Goes on only if the file's `ETag` is one of these (strong comparison: a `W/` tag never fits); `*`: if there is a file. Else 412.");

    public static readonly ParameterDescription IfUnmodifiedSince = new(
        "If-Unmodified-Since", ParameterLocation.Header, "Goes on only if the file was not modified after this date; else 412.");

    /// <summary><c>{path}</c>, the rest of the URL.</summary>
    public static ParameterDescription Path(string what, string example) => new(
        "path", ParameterLocation.Path,
        $"{what}, from the backend's root. It is the whole rest of the URL and may hold slashes; each name is percent-encoded UTF-8. "
        + "`%2F`, control characters and `.` or `..` segments are refused (`invalid-path`). `/` alone is the root.",
        example);
}
