namespace Gateway.Api.Errors;

/// <summary>Every problem that a request can end with.</summary>
/// <param name="Problems">By status.</param>
internal sealed record ProblemTypesDocument(IReadOnlyList<ProblemTypeDocument> Problems)
{
    /// <summary>All of them.</summary>
    public static ProblemTypesDocument All { get; } = new([.. ProblemTypes.All.Select(ProblemTypeDocument.Of)]);
}
