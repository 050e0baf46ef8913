using Gateway.Api.Errors;
using Gateway.Api.OpenApi;

namespace Gateway.Api.Moves;

/// <summary>The operation of <c>…/moves</c>, described.</summary>
internal static class MovesDescriptions
{
    public static readonly OperationDescription Create = new()
    {
        Id = "createMove",
        Tag = OpenApiTags.Moves,
        Summary = "Rename a file or folder",
        Description = """
            Within one backend, also into another folder, which must exist. Paths are plain text here, not percent-encoded.
            With `overwrite` a file in the way is replaced, in one step where the server can (`capabilities.atomicReplace`); a folder never is.
            Conditions are judged on what is moved.
            """,
        Parameters = [CommonParameters.Backend, CommonParameters.IfMatch, CommonParameters.IfUnmodifiedSince],
        Body = new BodyDescription(
            "application/json", "What to move where.", typeof(MoveDocument), """{ "from": "/2026/draft.pdf", "to": "/2026/annual.pdf", "overwrite": false }"""),
        Responses = [new(204, "Moved.", new HeaderDescription("Location", "The entry's new URL.", "/v1/backends/reports/entries/2026/annual.pdf"))],
        Problems =
        [
            .. CommonProblems.Write, ProblemTypes.AlreadyExists, ProblemTypes.IsADirectory, ProblemTypes.NotEmpty, ProblemTypes.PreconditionFailed,
            ProblemTypes.UnsupportedMediaType, ProblemTypes.ContentTooLarge,
        ],
    };
}
