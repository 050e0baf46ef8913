namespace Gateway.Testing.Telemetry;

/// <summary>A span as it arrived.</summary>
/// <param name="Scope">The source's name.</param>
/// <param name="Name">The span's name.</param>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="ParentId">The parent's; empty for a root.</param>
/// <param name="IsError">Whether its status is an error.</param>
/// <param name="Tags">Its attributes.</param>
/// <param name="Resource">The attributes of who sent it.</param>
public sealed record OtlpSpan(
    string Scope,
    string Name,
    string TraceId,
    string SpanId,
    string ParentId,
    bool IsError,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, string> Resource);
