using System.Collections;
using System.Globalization;
using System.Text;
using Gateway.Api.Logging;

namespace Gateway.Api.Audit;

/// <summary>The fields of a line of the audit. What does not apply is <c>-</c>, or 0.</summary>
internal readonly record struct AuditLine : ILineText, IReadOnlyList<KeyValuePair<string, object?>>
{
    private const string Template =
        "outcome={Outcome} status={Status} caller=\"{Caller}\" kind={CallerKind} link={LinkId} client={Client} method={Method} verb={Verb} "
        + "backend={Backend} path=\"{Path}\" targetBackend={TargetBackend} target=\"{Target}\" bytes={Bytes} entries={Entries} ms={DurationMs} trace={TraceId}";

    /// <summary><c>completed</c>, <c>refused</c>, <c>failed</c>, <c>caller_left</c>, <c>caller_stalled</c>, or <c>cut_off</c> (by the gateway, in the middle of the answer).</summary>
    public required string Outcome { get; init; }

    /// <summary>The status of the answer; 0 where none was sent.</summary>
    public required int Status { get; init; }

    /// <summary>The caller's name; of a link, its maker's.</summary>
    public required string Caller { get; init; }

    /// <summary><c>anonymous</c>, <c>api-key</c>, <c>token</c>, <c>link</c>.</summary>
    public required string CallerKind { get; init; }

    /// <summary>The link that the caller came with, or was given.</summary>
    public required string LinkId { get; init; }

    /// <summary>The caller's address, as a known proxy tells it.</summary>
    public required string Client { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The right that the route needs: <c>list</c>, <c>read</c>, <c>write</c>, <c>delete</c>, <c>admin</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The backend.</summary>
    public required string Backend { get; init; }

    /// <summary>The path on it; where it is not one, the request's own, still encoded.</summary>
    public required string Path { get; init; }

    /// <summary>The other backend of a copy.</summary>
    public required string TargetBackend { get; init; }

    /// <summary>The other path of a move or copy.</summary>
    public required string Target { get; init; }

    /// <summary>Bytes of files that went through.</summary>
    public required long Bytes { get; init; }

    /// <summary>Files of a form that were stored, of a tree that were copied; entries of a tree that were deleted.</summary>
    public required long Entries { get; init; }

    /// <summary>How long it took.</summary>
    public required long DurationMilliseconds { get; init; }

    /// <summary>The trace id.</summary>
    public required string TraceId { get; init; }

    /// <inheritdoc/>
    public int Count => 17;

    /// <summary>The fields as logging knows them: by their names in the template, which is the last one.</summary>
    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new(nameof(Outcome), Outcome),
        1 => new(nameof(Status), Status),
        2 => new(nameof(Caller), Caller),
        3 => new(nameof(CallerKind), CallerKind),
        4 => new(nameof(LinkId), LinkId),
        5 => new(nameof(Client), Client),
        6 => new(nameof(Method), Method),
        7 => new(nameof(Verb), Verb),
        8 => new(nameof(Backend), Backend),
        9 => new(nameof(Path), Path),
        10 => new(nameof(TargetBackend), TargetBackend),
        11 => new(nameof(Target), Target),
        12 => new(nameof(Bytes), Bytes),
        13 => new(nameof(Entries), Entries),
        14 => new("DurationMs", DurationMilliseconds),
        15 => new(nameof(TraceId), TraceId),
        16 => new("{OriginalFormat}", Template),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <inheritdoc/>
    public void AppendTo(StringBuilder line) => line.Append(
        CultureInfo.InvariantCulture,
        $"outcome={Outcome} status={Status} caller=\"{Caller}\" kind={CallerKind} link={LinkId} client={Client} method={Method} verb={Verb} "
        + $"backend={Backend} path=\"{Path}\" targetBackend={TargetBackend} target=\"{Target}\" bytes={Bytes} entries={Entries} ms={DurationMilliseconds} trace={TraceId}");

    /// <inheritdoc/>
    public override string ToString()
    {
        var line = new StringBuilder();
        AppendTo(line);
        return line.ToString();
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
