using System.Diagnostics;
using Gateway.Broker.Backends;

namespace Gateway.Sftp;

/// <summary>The spans of the source <c>Gateway.Sftp</c>. Where nobody listens nothing is made for them.</summary>
/// <param name="settings">The backend.</param>
internal sealed class SftpActivities(BackendSettings settings)
{
    public const string SourceName = "Gateway.Sftp";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A file or folder is opened; below the request's span. Its path is the caller's business and not told.</summary>
    /// <param name="mode"><c>read</c>, <c>write</c> or <c>list</c>.</param>
    public Activity? StartOpen(string mode)
    {
        var activity = Source.StartActivity("sftp.open", ActivityKind.Client);
        return activity is null ? null : Describe(activity, mode);
    }

    /// <summary>Notes a failure. The message is one that callers may see: no secret, no raw text from the server.</summary>
    /// <returns>The failure, to be thrown.</returns>
    public static BackendException Fail(Activity? activity, BackendException failure)
    {
        activity?.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag("error.type", BackendErrorName.Of(failure.Error));
        return failure;
    }

    private Activity Describe(Activity activity, string mode) => activity
        .SetTag("gateway.backend", settings.Name)
        .SetTag("gateway.sftp.mode", mode)
        .SetTag("network.protocol.name", "sftp")
        .SetTag("server.address", settings.Host)
        .SetTag("server.port", settings.Port);
}
