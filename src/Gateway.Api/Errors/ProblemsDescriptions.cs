using Gateway.Api.OpenApi;

namespace Gateway.Api.Errors;

/// <summary>The operation <c>/problems</c>, described.</summary>
internal static class ProblemsDescriptions
{
    public static readonly OperationDescription List = new()
    {
        Id = "listProblems",
        Tag = OpenApiTags.Problems,
        Summary = "List the types of problems",
        Description = "The whole table: what `type` can be, with which status, when, and whether trying again makes sense.",
        Responses =
        [
            new(200, "The table, by status.")
            {
                Bodies =
                [
                    new("application/json", "", typeof(ProblemTypesDocument), """
                        { "problems": [ { "type": "urn:gateway:problem:not-found", "status": 404, "title": "Not found", "retryable": false,
                          "description": "The entry, a folder on the way to it, or the route does not exist." } ] }
                        """),
                ],
            },
        ],
        Problems = [ProblemTypes.InternalError],
    };
}
