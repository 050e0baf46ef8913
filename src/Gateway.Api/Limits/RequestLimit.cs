using System.Globalization;
using System.Threading.RateLimiting;
using Gateway.Api.Errors;

namespace Gateway.Api.Limits;

/// <summary>
/// <c>Limits:RequestsPerMinute</c>: a bucket for each caller, full at first, filled evenly. Buckets that are full again are forgotten by the
/// framework; a changed limit begins new ones.
/// </summary>
internal sealed class RequestLimit : IDisposable
{
    private const string Policy = "\"requests\"";

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    // The framework's limiter looks after its buckets ten times a second, from the first moment on: made for whoever has a limit.
    private readonly Lazy<PartitionedRateLimiter<(LimitedCaller Caller, int Limit)>> _buckets = new(static () =>
        PartitionedRateLimiter.Create<(LimitedCaller Caller, int Limit), (LimitedCaller Caller, int Limit)>(
            static quota => RateLimitPartition.GetTokenBucketLimiter(quota, static quota => new TokenBucketRateLimiterOptions
            {
                TokenLimit = quota.Limit,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = s_window / quota.Limit,
                QueueLimit = 0,
            })));

    /// <summary>Counts a request, and tells in its answer what is left (draft-ietf-httpapi-ratelimit-headers-10).</summary>
    /// <param name="context">The request.</param>
    /// <param name="limit">Requests a minute.</param>
    /// <exception cref="ProblemException">It is one too many.</exception>
    public void Count(HttpContext context, int limit)
    {
        var quota = (LimitedCaller.Of(context), limit);
        using var lease = _buckets.Value.AttemptAcquire(quota);
        var left = lease.IsAcquired ? _buckets.Value.GetStatistics(quota)?.CurrentAvailablePermits ?? 0 : 0;

        var headers = context.Response.Headers;
        headers[LimitHeaders.Policy] = string.Create(CultureInfo.InvariantCulture, $"{Policy};q={limit};w={s_window.TotalSeconds}");
        headers[LimitHeaders.State] = string.Create(CultureInfo.InvariantCulture, $"{Policy};r={left};t={Math.Ceiling((limit - left) * s_window.TotalSeconds / limit)}");
        if (!lease.IsAcquired)
        {
            throw new ProblemException(ProblemTypes.TooManyRequests, string.Create(CultureInfo.InvariantCulture, $"More than {limit} requests a minute (Limits:RequestsPerMinute)."))
            {
                // The bucket tells when one place in it is filled again.
                RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : s_window / limit,
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buckets.IsValueCreated)
        {
            _buckets.Value.Dispose();
        }
    }
}
