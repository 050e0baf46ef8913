using Gateway.Api.Errors;

namespace Gateway.Api.OpenApi;

/// <summary>What the OpenAPI document says about one operation. It stands among the metadata of the operation's endpoint.</summary>
internal sealed record OperationDescription
{
    /// <summary>Name of the method that generated clients call.</summary>
    public required string Id { get; init; }

    /// <summary>The group in Swagger UI: one of <see cref="OpenApiTags"/>.</summary>
    public required string Tag { get; init; }

    /// <summary>One line.</summary>
    public required string Summary { get; init; }

    /// <summary>What a developer has to know, in Markdown.</summary>
    public required string Description { get; init; }

    /// <summary>Parameters in path, query and headers.</summary>
    public IReadOnlyList<ParameterDescription> Parameters { get; init; } = [];

    /// <summary>The body; null for none.</summary>
    public BodyDescription? Body { get; init; }

    /// <summary>Every answer that is no problem.</summary>
    public required IReadOnlyList<ResponseDescription> Responses { get; init; }

    /// <summary>Every problem that can occur.</summary>
    public IReadOnlyList<ProblemType> Problems { get; init; } = [];

    /// <summary>The same of <c>HEAD</c>: <c>headFile</c> for <c>downloadFile</c>.</summary>
    public OperationDescription ForHead() => this with
    {
        Id = "head" + Id[Id.AsSpan().IndexOfAnyInRange('A', 'Z')..],
        Summary = Summary + " (headers only)",
        Description = "The status and headers that `GET` would have, without the body.",
        Responses = [.. Responses.Select(response => response with { Bodies = [] })],
    };
}
