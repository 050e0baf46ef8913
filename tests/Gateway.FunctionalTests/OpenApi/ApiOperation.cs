using System.Text.Json;

namespace Gateway.FunctionalTests.OpenApi;

/// <summary>One operation of the document.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">With its placeholders.</param>
/// <param name="Description">Its element.</param>
internal sealed record ApiOperation(string Method, string Path, JsonElement Description)
{
    /// <summary>Its parameters.</summary>
    public IReadOnlyList<JsonElement> Parameters => Description.TryGetProperty("parameters", out var list) ? [.. list.EnumerateArray()] : [];

    /// <summary>Media types and their descriptions that it takes; none where it has no body.</summary>
    public IReadOnlyList<JsonProperty> Bodies =>
        Description.TryGetProperty("requestBody", out var body) ? [.. body.GetProperty("content").EnumerateObject()] : [];
}
