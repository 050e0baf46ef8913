using System.Runtime.CompilerServices;
using Gateway.Api.Audit;
using Gateway.Api.Hosting;
using Gateway.Api.Limits;
using Gateway.Broker.Async;

namespace Gateway.Api.Errors;

/// <summary>
/// Gives every failure its answer: exceptions, and statuses that the framework set without a body. Once the response has started
/// a failure can only cut it off, so that a truncated body looks truncated. As it stands around everything, it also ends what others have
/// begun with the request: each of them waiting for that end itself would cost every request an allocation.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    [AsyncMethodBuilder(typeof(RecyclingTaskMethodBuilder))]
    public async Task InvokeAsync(HttpContext context)
    {
        var connection = context.FindFeature<TrackedConnection>();
        connection?.Enter();
        try
        {
            if (await RunAsync(context) is { } problem)
            {
                await AnswerAsync(context, problem);
            }
        }
        finally
        {
            connection?.Exit();
            AuditEntry.Find(context)?.End(context);
        }
    }

    /// <returns>What is to be answered; null where the request has its answer, or nobody is left.</returns>
    [AsyncMethodBuilder(typeof(RecyclingMethodBuilder<>))]
    private async ValueTask<Problem?> RunAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to be told; what failed, failed because the caller went away.
            LogCallerLeft(context.Request.Method, LoggedText.Of(context), TraceId.Of(context));

            // Kestrel would go on to the next request, and trip over a body whose reading was broken off.
            context.Abort();
            return null;
        }
        catch (Exception exception)
        {
            return Problem.From(exception);
        }
        finally
        {
            // Before a failure is answered: whoever has read the answer may ask again at once.
            context.FindFeature<TransferPlace>()?.Leave();
            context.FindFeature<Lifecycle>()?.Exit();
        }

        return context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null }
            ? Problem.From(context.Response.StatusCode, context.Request)
            : null;
    }

    private async Task AnswerAsync(HttpContext context, Problem problem)
    {
        Log(context, problem);
        if (context.Response.HasStarted)
        {
            AuditEntry.Find(context)?.CutOff();
            context.Abort();
            return;
        }

        try
        {
            await ProblemWriter.WriteAsync(context, problem);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left while being answered.
        }
    }

    private void Log(HttpContext context, Problem problem)
    {
        var (method, target, traceId) = (context.Request.Method, LoggedText.Of(context), TraceId.Of(context));
        if (problem.Defect is not null)
        {
            LogDefect(problem.Defect, method, target, traceId);
        }
        else if (problem.Status < 500)
        {
            LogRefused(method, target, problem.Status, problem.Type.Name, LoggedText.Of(problem.Detail), traceId);
        }
        else
        {
            LogFailed(method, target, problem.Status, problem.Type.Name, LoggedText.Of(problem.Detail), LoggedText.Of(problem.Diagnostic), traceId);
        }
    }

    [LoggerMessage(1100, LogLevel.Information, "{Method} {Target} answered {Status} {Problem}: {Detail} [{TraceId}]")]
    private partial void LogRefused(string method, string target, int status, string problem, string detail, string traceId);

    [LoggerMessage(1101, LogLevel.Warning, "{Method} {Target} answered {Status} {Problem}: {Detail} {Diagnostic} [{TraceId}]")]
    private partial void LogFailed(string method, string target, int status, string problem, string detail, string diagnostic, string traceId);

    [LoggerMessage(1102, LogLevel.Error, "{Method} {Target} failed in the gateway itself [{TraceId}]")]
    private partial void LogDefect(Exception exception, string method, string target, string traceId);

    [LoggerMessage(1103, LogLevel.Debug, "{Method} {Target}: the caller left [{TraceId}]")]
    private partial void LogCallerLeft(string method, string target, string traceId);
}
