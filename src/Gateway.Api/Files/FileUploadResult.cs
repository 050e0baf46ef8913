using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Files;

/// <summary>How an upload ended that did not fail on the backend's side.</summary>
/// <param name="Copy">How the copying ended: completed, or the caller left.</param>
/// <param name="Commit">The file; only where the copying was completed.</param>
internal readonly record struct FileUploadResult(CopyResult Copy, CommitResult Commit);
