using Gateway.Broker.Backends;

namespace Gateway.Api.Copies;

/// <summary>A problem tells the backend of the request, which is that of the file: a failure on the other side has to name its own.</summary>
internal static class CopyFailure
{
    /// <summary>The failure of the side that is written to.</summary>
    public static BackendException OfTarget(FileCopy copy, BackendException failure) => copy.IsWithinBackend
        ? failure
        : new BackendException(failure.Error, $"On the backend '{copy.Target.Name}': {failure.Message}", failure)
        {
            Path = failure.Path,
            Diagnostic = failure.Diagnostic,
            RetryAfter = failure.RetryAfter,
        };
}
