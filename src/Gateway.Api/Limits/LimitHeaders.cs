namespace Gateway.Api.Limits;

/// <summary>Headers of draft-ietf-httpapi-ratelimit-headers-10.</summary>
internal static class LimitHeaders
{
    /// <summary>What the limit is.</summary>
    public const string Policy = "RateLimit-Policy";

    /// <summary>What is left of it.</summary>
    public const string State = "RateLimit";
}
