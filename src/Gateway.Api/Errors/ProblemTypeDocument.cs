namespace Gateway.Api.Errors;

/// <summary>One kind of problem.</summary>
/// <param name="Type">The member <c>type</c> of the problem.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">A short summary.</param>
/// <param name="Retryable">Whether the same request may succeed later without anybody changing anything.</param>
/// <param name="Description">When it happens.</param>
internal sealed record ProblemTypeDocument(string Type, int Status, string Title, bool Retryable, string Description)
{
    /// <summary>The document of <paramref name="type"/>.</summary>
    public static ProblemTypeDocument Of(ProblemType type) => new(type.Uri, type.Status, type.Title, type.Retryable, type.Description);
}
