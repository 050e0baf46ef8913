using Microsoft.OpenApi;

namespace Gateway.Api.OpenApi;

/// <summary>One parameter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="In">Where it stands.</param>
/// <param name="Description">What it means, in Markdown.</param>
/// <param name="Example">A value.</param>
internal sealed record ParameterDescription(string Name, ParameterLocation In, string Description, string? Example = null)
{
    /// <summary>Its type.</summary>
    public JsonSchemaType Type { get; init; } = JsonSchemaType.String;

    /// <summary>The values that it can have; empty for any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The value where it is absent.</summary>
    public string? Default { get; init; }
}
