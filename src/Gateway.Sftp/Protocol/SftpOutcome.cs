using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// How one of several requests in flight together ended. Requests that were sent side by side must all be awaited; only
/// then is it decided whose failure counts.
/// </summary>
internal readonly struct SftpOutcome<T>
{
    private readonly T? _value;

    private SftpOutcome(T? value, Exception? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>The failure, or null.</summary>
    public Exception? Error { get; }

    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsValue => Error is null;

    /// <summary>Whether the server said that there is nothing by that name.</summary>
    public bool IsMissing => Error is SftpStatusException { Code: SftpStatusCode.NoSuchFile or SftpStatusCode.NoSuchPath };

    /// <summary>The value, or the failure thrown.</summary>
    public T Value => Error is null ? _value! : throw Error;

    /// <summary>Waits for <paramref name="task"/> and keeps its failure for later.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<SftpOutcome<T>> OfAsync(ValueTask<T> task)
    {
        try
        {
            return new SftpOutcome<T>(await task, null);
        }
        catch (Exception e)
        {
            return new SftpOutcome<T>(default, e);
        }
    }
}
