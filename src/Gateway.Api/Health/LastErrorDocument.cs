namespace Gateway.Api.Health;

/// <summary>The last failure of a pool.</summary>
/// <param name="Problem">The problem's name: <c>backend-unreachable</c>.</param>
/// <param name="Detail">A sentence for operators.</param>
/// <param name="At">When, UTC.</param>
internal sealed record LastErrorDocument(string Problem, string Detail, DateTime At);
