using System.Diagnostics;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Hosting;

/// <summary>
/// The id under which a request is found in logs and traces. Where no spans are exported the framework makes none
/// (<c>Microsoft.AspNetCore.Hosting.Diagnostics</c> in appsettings.json): that is a third of what a small request costs, and
/// an id is made only for a request that is spoken of.
/// </summary>
internal sealed class TraceId
{
    private readonly string _value;

    private TraceId(string value) => _value = value;

    /// <summary>The W3C trace id, the caller's own where it sent <c>traceparent</c>; the same for the whole request.</summary>
    public static string Of(HttpContext context)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            return activity.TraceId.ToHexString();
        }

        if (context.FindFeature<TraceId>() is { } known)
        {
            return known._value;
        }

        var id = ActivityContext.TryParse(context.Request.Headers[HeaderNames.TraceParent], null, out var parent) ? parent.TraceId : ActivityTraceId.CreateRandom();
        context.SetFeature(new TraceId(id.ToHexString()));
        return id.ToHexString();
    }
}
