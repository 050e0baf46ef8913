using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;

namespace Gateway.Api.Limits;

/// <summary>
/// Gives each transfer its <see cref="TransferPlace"/>, which <see cref="ProblemMiddleware"/> takes back. It stands right before the
/// handlers: what is refused for another reason never takes a place.
/// </summary>
internal sealed class TransferLimitMiddleware(RequestDelegate next, CurrentSettings settings, TransferLimits limits)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CountsAsTransfer>() is { } transfer && transfer.Covers(context.Request))
        {
            try
            {
                context.SetFeature(limits.Enter(context, settings.Value.Limits));
            }
            catch (ProblemException)
            {
                // As in RequestLimitMiddleware.
                UploadLimits.Lift(context);
                throw;
            }
        }

        return next(context);
    }
}
