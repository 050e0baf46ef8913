using System.Runtime.CompilerServices;
using Gateway.Api.Audit;
using Gateway.Api.Hosting;
using Gateway.Api.Limits;
using Gateway.Broker.Async;

namespace Gateway.Api.Errors;

/// <summary>
/// Gives every failure its answer: exceptions, and statuses that the framework set without a body. Once the response has started
/// a failure can only cut it off, so that a truncated body looks truncated. As it stands around everything, it also tells the connection that
/// a request is under way.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    [AsyncMethodBuilder(typeof(RecyclingTaskMethodBuilder))]
    public async Task InvokeAsync(HttpContext context)
    {
        var connection = context.Features.Get<TrackedConnection>();
        connection?.Enter();
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
            return;
        }
        catch (Exception exception)
        {
            await AnswerAsync(context, Problem.From(exception));
            return;
        }
        finally
        {
            connection?.Exit();
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
        {
            await AnswerAsync(context, Problem.From(context.Response.StatusCode, context.Request));
        }
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
