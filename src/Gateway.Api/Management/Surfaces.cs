namespace Gateway.Api.Management;

/// <summary>The one table from paths to surfaces.</summary>
internal static class Surfaces
{
    // Compared as routing does: by segments, without case. What is below /health and not named here is the operators'.
    private static readonly PathString[] s_shared = ["/health/live", "/health/ready", "/problems"];
    private static readonly PathString[] s_operators = ["/health", "/metrics", "/swagger", "/openapi"];

    /// <summary>The surface that <paramref name="path"/> belongs to.</summary>
    public static Surface Of(PathString path) =>
        path.Value?.StartsWith("/v1/", StringComparison.Ordinal) == true ? Surface.Public : IsBelow(path, s_shared) ? Surface.Shared : IsBelow(path, s_operators) ? Surface.Operators : Surface.Public;

    private static bool IsBelow(PathString path, PathString[] folders)
    {
        foreach (var folder in folders)
        {
            if (path.StartsWithSegments(folder, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
