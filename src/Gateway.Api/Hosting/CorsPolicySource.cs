using Gateway.Api.Configuration;
using Gateway.Api.Limits;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Gateway.Api.Hosting;

/// <summary>The CORS policy of the settings in force; none where no origin is configured.</summary>
/// <param name="settings">The settings.</param>
internal sealed class CorsPolicySource(CurrentSettings settings) : ICorsPolicyProvider
{
    /// <summary>Response headers that scripts may read.</summary>
    public static readonly string[] ExposedHeaders =
    [
        "ETag", "Location", "Content-Disposition", "Content-Range", "Accept-Ranges", "Last-Modified", "Link", "Retry-After",
        "Repr-Digest", "Allow", LimitHeaders.Policy, LimitHeaders.State,
    ];

    private static readonly string[] s_methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"];

    private Entry? _last;

    /// <inheritdoc/>
    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName)
    {
        var origins = settings.Value.CorsOrigins;
        var last = Volatile.Read(ref _last);
        if (last is null || !ReferenceEquals(last.Origins, origins))
        {
            last = new Entry(origins, Build(origins));
            Volatile.Write(ref _last, last);
        }

        return Task.FromResult(last.Policy);
    }

    private static CorsPolicy? Build(IReadOnlyList<string> origins) =>
        origins.Count == 0
            ? null
            : new CorsPolicyBuilder([.. origins])
                .WithMethods(s_methods)
                .AllowAnyHeader()
                .WithExposedHeaders(ExposedHeaders)
                .SetPreflightMaxAge(TimeSpan.FromMinutes(10))
                .Build();

    private sealed record Entry(IReadOnlyList<string> Origins, CorsPolicy? Policy);
}
