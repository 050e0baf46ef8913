using Microsoft.Extensions.Primitives;

namespace Gateway.Api.Identity;

/// <summary>What stands behind <c>Authorization: Bearer</c> (RFC 6750, section 2.1).</summary>
internal static class BearerCredential
{
    private const string Scheme = "Bearer ";

    /// <summary>The credential; null where there is another scheme, or more than one header.</summary>
    public static string? Read(StringValues authorization) =>
        authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim(' ') : null;
}
