namespace Gateway.Api.Configuration;

/// <summary>How verbs are written in grants, problems and the audit.</summary>
internal static class GrantVerbWords
{
    /// <summary>The verb's word: <c>read</c>.</summary>
    public static string ToWord(this GrantVerb verb) => verb.ToString().ToLowerInvariant();
}
