namespace Gateway.Api.Copies;

/// <summary>The copying of a tree failed at one of its files; those copied before stay.</summary>
/// <param name="cause">The failure.</param>
/// <param name="copied">Files that were copied.</param>
internal sealed class TreeCopyException(Exception cause, int copied) : Exception(cause.Message, cause)
{
    /// <summary>The failure.</summary>
    public Exception Cause { get; } = cause;

    /// <summary>Files that were copied.</summary>
    public int Copied { get; } = copied;
}
