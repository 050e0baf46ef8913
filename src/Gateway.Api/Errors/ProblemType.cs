using Gateway.Broker.Backends;

namespace Gateway.Api.Errors;

/// <summary>One kind of problem, as callers see it.</summary>
/// <param name="Name">The last part of its URN; never changes.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">A short summary, the same each time.</param>
/// <param name="Retryable">Whether the same request may succeed later without anybody changing anything.</param>
/// <param name="Description">When it happens, for the documentation.</param>
/// <param name="Errors">The backend errors that are reported as this.</param>
internal sealed record ProblemType(
    string Name, int Status, string Title, bool Retryable, string Description, params IReadOnlyList<BackendError> Errors)
{
    /// <summary>The member <c>type</c>.</summary>
    public string Uri { get; } = "urn:gateway:problem:" + Name;
}
