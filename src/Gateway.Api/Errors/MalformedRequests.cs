using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Api.Hosting;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Api.Errors;

/// <summary>
/// Answers what Kestrel refuses before it is a request: a NUL in the path, a line that is none, headers without end. Kestrel itself
/// would send an empty 400, and no middleware is asked. It does announce the refusal, and the problem is written before its own answer;
/// that one comes after a <c>Connection: close</c>, where nobody reads on.
/// </summary>
internal sealed partial class MalformedRequests(DiagnosticListener diagnostics, ILogger<MalformedRequests> logger)
    : IHostedService, IObserver<KeyValuePair<string, object?>>
{
    private const string Announcement = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = diagnostics.Subscribe(this, static (name, _, _) => name == Announcement);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is IFeatureCollection features
            && features.Get<IHttpResponseFeature>() is { HasStarted: false }
            && features.Get<IHttp2StreamIdFeature>() is null
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException refusal
            && features.Get<IConnectionTransportFeature>()?.Transport is { } transport)
        {
            LogRefused(refusal.StatusCode, WithoutQuotation(refusal.Message));
            transport.Output.Write(Format(Describe(refusal)));
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    /// <summary>Kestrel's sentence may quote the request's line or a header, and so a key or a link's signature.</summary>
    private static string WithoutQuotation(string sentence) =>
        sentence.IndexOf('\'', StringComparison.Ordinal) is >= 0 and var quotation ? sentence[..quotation].TrimEnd(' ', ':') + "." : LoggedText.Of(sentence);

    private static Problem Describe(BadHttpRequestException refusal)
    {
        // Kestrel's sentence quotes the target; of all that is wrong with a target only a NUL gets this far in a well-meant request.
        if (refusal.Message.StartsWith("Invalid request target", StringComparison.Ordinal))
        {
            return new Problem(ProblemTypes.InvalidPath, "The path has a NUL, or the request's target is none.");
        }

        return new Problem(ProblemTypes.ForStatus(refusal.StatusCode), "The request is not well-formed HTTP, or its head is too large.") { Status = refusal.StatusCode };
    }

    private static byte[] Format(Problem problem)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, JsonFormat.WriterOptions))
        {
            ProblemWriter.Format(json, problem, backend: null, path: null, ActivityTraceId.CreateRandom().ToHexString());
        }

        var security = string.Join("\r\n", SecurityHeaders.Always.Select(header => $"{header.Key}: {header.Value}"));
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {problem.Status} {ReasonPhrases.GetReasonPhrase(problem.Status)}
            Content-Type: {ProblemWriter.ContentType}
            Content-Length: {body.Length}
            Connection: close
            Cache-Control: no-store
            {security}


            """).ReplaceLineEndings("\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body.ToArray()];
    }

    [LoggerMessage(1110, LogLevel.Information, "A request was refused before it was read, {Status}: {Reason}")]
    private partial void LogRefused(int status, string reason);
}
