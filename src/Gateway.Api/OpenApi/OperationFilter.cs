using System.Text.Json.Nodes;
using Gateway.Api.Access;
using Gateway.Api.Errors;
using Gateway.Api.Limits;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Gateway.Api.OpenApi;

/// <summary>Writes each operation's <see cref="OperationDescription"/> into the document.</summary>
internal sealed class OperationFilter : IOperationFilter
{
    private static readonly HeaderDescription[] s_limitHeaders =
    [
        new(LimitHeaders.Policy, "Requests (`q`) in a window of seconds (`w`), where the gateway limits them.", "\"requests\";q=600;w=60"),
        new(LimitHeaders.State, "How many are left (`r`), and seconds until all are back (`t`).", "\"requests\";r=599;t=1"),
    ];

    /// <inheritdoc/>
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var description = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<OperationDescription>().Single();
        if (HttpMethods.IsHead(context.ApiDescription.HttpMethod ?? ""))
        {
            description = description.ForHead();
        }

        operation.OperationId = description.Id;
        operation.Tags = new HashSet<OpenApiTagReference> { new(description.Tag, context.Document) };
        operation.Summary = description.Summary;
        operation.Description = description.Description;
        operation.Parameters = [.. description.Parameters.Select(Describe)];
        operation.RequestBody = description.Body is { } body
            ? new OpenApiRequestBody { Description = body.Description, Required = true, Content = Contents([body], context) }
            : null;

        operation.Responses = [];
        foreach (var response in description.Responses)
        {
            operation.Responses[Text(response.Status)] = Describe(response, context);
        }

        var right = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<RequiredRight>().FirstOrDefault();
        if (right is not null)
        {
            operation.Security = DocumentFilter.Security(context.Document);
        }

        var isLimited = description.Problems.Contains(ProblemTypes.TooManyRequests);
        foreach (var group in description.Problems.Concat(ProblemsOf(right)).Distinct().GroupBy(problem => problem.Status))
        {
            operation.Responses[Text(group.Key)] = DescribeProblems([.. group], context);
        }

        foreach (var response in operation.Responses.Values.OfType<OpenApiResponse>().Where(_ => isLimited))
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            foreach (var (name, header) in Headers(s_limitHeaders)!)
            {
                response.Headers[name] = header;
            }
        }
    }

    /// <summary>How an operation ends for a caller that is not known, or has not its right.</summary>
    private static IEnumerable<ProblemType> ProblemsOf(RequiredRight? right) => right switch
    {
        null => [],
        { Scope: RightScope.Caller } => [ProblemTypes.Unauthorized, ProblemTypes.AuthorityUnreachable],
        { Scope: RightScope.Gateway } => [ProblemTypes.Unauthorized, ProblemTypes.AuthorityUnreachable, ProblemTypes.Forbidden],
        _ => [ProblemTypes.Unauthorized, ProblemTypes.AuthorityUnreachable, ProblemTypes.Forbidden, ProblemTypes.NotFound],
    };

    private static OpenApiParameter Describe(ParameterDescription parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.In,
        Required = parameter.In == ParameterLocation.Path,
        Description = Describe(parameter, out var example),
        Example = example is null ? null : Value(example, parameter.Type),
        Schema = new OpenApiSchema
        {
            Type = parameter.Type,
            Enum = parameter.Choices.Count == 0 ? null : [.. parameter.Choices.Select(choice => (JsonNode)choice)],
            Default = parameter.Default is { } value ? Value(value, parameter.Type) : null,
        },
    };

    /// <summary>
    /// Swagger UI fills in every example: a request tried out must not have a range, a condition and a digest that nobody asked for. So the
    /// example of what may be left out stands in its description.
    /// </summary>
    private static string Describe(ParameterDescription parameter, out string? example)
    {
        example = parameter.In == ParameterLocation.Path ? parameter.Example : null;
        return parameter.Example is { } told && example is null ? $"{parameter.Description} For example `{told}`." : parameter.Description;
    }

    private static JsonNode? Value(string text, JsonSchemaType type) => type == JsonSchemaType.String ? text : JsonNode.Parse(text);

    private static OpenApiResponse Describe(ResponseDescription response, OperationFilterContext context) => new()
    {
        Description = response.Description,
        Headers = Headers(response.Headers),
        Content = response.Bodies.Count == 0 ? null : Contents(response.Bodies, context),
    };

    private static Dictionary<string, IOpenApiHeader>? Headers(IReadOnlyList<HeaderDescription> headers) =>
        headers.Count == 0 ? null : headers.ToDictionary(
            header => header.Name,
            header => (IOpenApiHeader)new OpenApiHeader
            {
                Description = header.Description,
                Example = header.Example,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            },
            StringComparer.Ordinal);

    private static Dictionary<string, OpenApiMediaType> Contents(IReadOnlyList<BodyDescription> bodies, OperationFilterContext context) =>
        bodies.ToDictionary(
            body => body.ContentType,
            body => new OpenApiMediaType
            {
                Schema = body.Type is { } type
                    ? context.SchemaGenerator.GenerateSchema(type, context.SchemaRepository)
                    : new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
                Example = body.Example is { } example ? JsonNode.Parse(example) : null,
            },
            StringComparer.Ordinal);

    private static OpenApiResponse DescribeProblems(ProblemType[] problems, OperationFilterContext context)
    {
        var table = string.Join('\n', problems.Select(problem => $"| `{problem.Name}` | {problem.Description} |"));
        var headers = new List<HeaderDescription>();
        if (problems[0].Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
        {
            headers.Add(new HeaderDescription("Retry-After", "Seconds after which another try makes sense.", "2"));
        }

        if (problems[0].Status == StatusCodes.Status401Unauthorized)
        {
            headers.Add(new HeaderDescription("WWW-Authenticate", "What the gateway takes (RFC 6750).", "Bearer realm=\"gateway\""));
        }

        if (problems.Contains(ProblemTypes.RangeNotSatisfiable))
        {
            headers.Add(new HeaderDescription("Content-Range", "The size of the file.", "bytes */26"));
        }

        return new OpenApiResponse
        {
            Description = $"{string.Join(", ", problems.Select(problem => problem.Title))}\n\n| problem | when |\n|---|---|\n{table}",
            Headers = Headers(headers),
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [ProblemWriter.ContentType] = new()
                {
                    Schema = context.SchemaGenerator.GenerateSchema(typeof(ProblemDocument), context.SchemaRepository),
                    Examples = problems.ToDictionary(problem => problem.Name, Example, StringComparer.Ordinal),
                },
            },
        };
    }

    private static IOpenApiExample Example(ProblemType problem) => new OpenApiExample
    {
        Summary = problem.Title,
        Value = new JsonObject
        {
            ["type"] = problem.Uri,
            ["title"] = problem.Title,
            ["status"] = problem.Status,
            ["detail"] = problem.Description,
            ["backend"] = "reports",
            ["path"] = "/2026/annual.pdf",
            ["retryable"] = problem.Retryable,
            ["traceId"] = "0af7651916cd43dd8448eb211c80319c",
        },
    };

    private static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
