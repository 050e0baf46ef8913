using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;

namespace Gateway.Api.Links;

/// <summary>
/// Counts the use of a link that is for one use: an answer with the file, also one that broke off, or an upload that was stored. What failed
/// before that can be tried again. Behind the rights.
/// </summary>
internal sealed class LinkUseMiddleware(RequestDelegate next, LinkUses uses)
{
    public Task InvokeAsync(HttpContext context) =>
        context.FindFeature<LinkGrant>() is { Terms: { IsSingleUse: true } terms } && !HttpMethods.IsHead(context.Request.Method)
            ? UseAsync(context, terms)
            : next(context);

    private async Task UseAsync(HttpContext context, LinkTerms terms)
    {
        if (uses.Claim(terms.Id, terms.Expires) is not LinkClaim.Granted and var refusal)
        {
            // As every refusal it must find time to reach a caller that sends a large body already.
            UploadLimits.Lift(context);
            throw refusal == LinkClaim.Used
                ? new ProblemException(ProblemTypes.Forbidden, "This link was for one use, and has been used. Ask for a new one.")
                : new ProblemException(ProblemTypes.PoolExhausted, "The gateway remembers as many used links as it can; try again when some have expired.");
        }

        // The one answer is the whole file: a part of it would use the link up, and the rest could not be had.
        context.Request.Headers.Remove("Range");
        var wasUsed = false;
        try
        {
            await next(context);
            wasUsed = IsUse(context);
        }
        catch when (context.Response.HasStarted && IsUse(context))
        {
            wasUsed = true;
            throw;
        }
        finally
        {
            if (!wasUsed)
            {
                uses.Release(terms.Id);
            }
        }
    }

    private static bool IsUse(HttpContext context) => HttpMethods.IsPut(context.Request.Method)
        ? context.Response.StatusCode is StatusCodes.Status201Created or StatusCodes.Status204NoContent
        : context.Response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status206PartialContent;
}
