namespace Gateway.Api.Hosting;

/// <summary>Sets the headers of <see cref="SecurityHeaders"/>. It stands behind <see cref="KnownProxies"/>, which tells whether the caller used HTTPS.</summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Apply(context);
        return next(context);
    }
}
