using System.Text.Json.Serialization;
using Gateway.Api.Forms;

namespace Gateway.Api.Errors;

/// <summary>An RFC 9457 problem.</summary>
internal sealed record ProblemDocument
{
    /// <summary>What kind: <c>urn:gateway:problem:</c> and a name of the table at <c>/problems</c>. It never changes.</summary>
    public required string Type { get; init; }

    /// <summary>A short summary of the kind.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What happened, and where it helps, what to do about it.</summary>
    public required string Detail { get; init; }

    /// <summary>The backend; null where the request named none.</summary>
    public required string? Backend { get; init; }

    /// <summary>The path on it; null where the request named none that is valid.</summary>
    public required string? Path { get; init; }

    /// <summary>Whether the same request may succeed later without anybody changing anything.</summary>
    public required bool Retryable { get; init; }

    /// <summary>The W3C trace id, under which the gateway's log has more: the caller's own where it sent <c>traceparent</c>.</summary>
    public required string TraceId { get; init; }

    /// <summary>Of a form that failed at one of its files: those before it, which are stored. Absent in any other problem.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FormFileDocument>? Stored { get; init; }

    /// <summary>Of the copying of a folder that failed on its way: files that were copied before, and stay. Absent in any other problem.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Copied { get; init; }
}
