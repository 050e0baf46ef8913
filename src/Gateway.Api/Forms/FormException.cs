using Gateway.Broker.Backends;

namespace Gateway.Api.Forms;

/// <summary>A form that failed at one of its files; those before it are stored.</summary>
/// <param name="cause">The failure.</param>
/// <param name="path">The file at which it failed; null where it was none.</param>
/// <param name="stored">What is stored.</param>
internal sealed class FormException(Exception cause, RemotePath? path, IReadOnlyList<FormFileDocument> stored) : Exception(cause.Message, cause)
{
    /// <summary>The failure.</summary>
    public Exception Cause { get; } = cause;

    /// <summary>The file at which it failed.</summary>
    public RemotePath? Path { get; } = path;

    /// <summary>What is stored.</summary>
    public IReadOnlyList<FormFileDocument> Stored { get; } = stored;
}
