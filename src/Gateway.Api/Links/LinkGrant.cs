using Gateway.Api.Hosting;

namespace Gateway.Api.Links;

/// <summary>The link that a request came with, found good: a feature of the request.</summary>
/// <param name="Terms">What it allows.</param>
internal sealed record LinkGrant(LinkTerms Terms)
{
    /// <summary>Largest upload that the request's link allows; null where there is no link, or none that says so.</summary>
    public static long? FindMaxBytes(HttpContext context) => context.FindFeature<LinkGrant>()?.Terms.MaxBytes;
}
