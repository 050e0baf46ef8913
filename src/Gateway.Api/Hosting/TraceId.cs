using System.Diagnostics;

namespace Gateway.Api.Hosting;

/// <summary>The id under which a request is found in logs and traces.</summary>
internal static class TraceId
{
    /// <summary>The W3C trace id, the caller's own where it sent <c>traceparent</c>.</summary>
    public static string Of(HttpContext context) =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : context.TraceIdentifier;
}
