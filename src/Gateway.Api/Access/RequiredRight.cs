using Gateway.Api.Configuration;

namespace Gateway.Api.Access;

/// <summary>
/// The right that a route needs; among the metadata of its endpoint, and enforced by <see cref="AccessMiddleware"/> before the handler runs.
/// Every route below <c>/v1</c> has one. A route elsewhere that has none is open to everybody.
/// </summary>
/// <param name="Verb">The verb; also that of the audit line.</param>
/// <param name="Scope">On what.</param>
internal sealed record RequiredRight(GrantVerb Verb, RightScope Scope = RightScope.Path)
{
    /// <summary>The verb as it is written in grants and in the audit.</summary>
    public string VerbName { get; } = Verb.ToWord();

    /// <summary>Whether the operation follows a link at the path; else it is about the link itself.</summary>
    public bool FollowsLink { get; init; } = true;
}
