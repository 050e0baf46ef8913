using System.Buffers;
using System.Text.Json;
using Gateway.Api.Configuration;
using Gateway.Api.Entries;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>Writes entries to a response, which is flushed by the piece: no listing is ever held as text.</summary>
internal sealed class ListingWriter : IDisposable
{
    private const int FlushAt = 32 * 1024;

    private readonly HttpContext _context;
    private readonly string _backend;
    private readonly DateTimeOffset _now;
    private readonly ResponseSink _sink;
    private readonly Utf8JsonWriter _json;

    public ListingWriter(HttpContext context, ConfiguredBackend backend, TimeProvider time)
    {
        (_context, _backend, _now) = (context, backend.Name, time.GetUtcNow());
        _sink = new ResponseSink(context, backend.StallTimeout, time);
        _json = new Utf8JsonWriter(_sink.Writer, JsonFormat.WriterOptions);
    }

    /// <summary>Whether something waits to be flushed.</summary>
    public bool HasUnflushed => _json.BytesPending > 0 || _sink.Writer.UnflushedBytes > 0;

    /// <summary>Writes a whole page.</summary>
    public async ValueTask WritePageAsync(RemotePath folder, ListingPage page, string? next)
    {
        _json.WriteStartObject();
        _json.WriteString("backend", _backend);
        _json.WriteString("path", folder.Value);
        _json.WriteStartArray("entries");
        for (var i = 0; i < page.Count; i++)
        {
            var (parent, entry) = page.Get(i, folder);
            WriteEntry(parent, entry);
            if (_json.BytesPending + _sink.Writer.UnflushedBytes >= FlushAt)
            {
                await FlushAsync();
            }
        }

        _json.WriteEndArray();
        _json.WriteStartArray("unreadable");
        foreach (var exception in page.View.Table.Unreadable)
        {
            ProblemWriter.Format(_json, _context, Problem.From(exception));
        }

        _json.WriteEndArray();
        _json.WriteString("next", next);
        _json.WriteEndObject();
        await FlushAsync();
    }

    /// <summary>Writes one line.</summary>
    public async ValueTask WriteLineAsync(TreeItem item)
    {
        if (item.Unreadable is { } exception)
        {
            WriteProblem("unreadable", Problem.From(exception));
        }
        else
        {
            WriteEntry(item.Folder, item.Entry);
        }

        EndLine();
        if (_sink.Writer.UnflushedBytes >= FlushAt)
        {
            await FlushAsync();
        }
    }

    /// <summary>Writes the line that tells why the listing ends before its end.</summary>
    public async ValueTask WriteLastLineAsync(Problem problem)
    {
        WriteProblem("problem", problem);
        EndLine();
        await FlushAsync();
    }

    /// <summary>Sends what was written.</summary>
    /// <exception cref="OperationCanceledException">The caller left, or was cut off because it took nothing.</exception>
    public async ValueTask FlushAsync()
    {
        _json.Flush();
        if (await _sink.FlushAsync() != CopyOutcome.Completed)
        {
            _context.Abort();
            throw new OperationCanceledException(_context.RequestAborted);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _sink.Dispose();
    }

    private void WriteEntry(RemotePath folder, in RemoteEntry entry)
    {
        RemotePath? path = entry.IsAddressable ? folder.Append(entry.Name) : null;
        JsonSerializer.Serialize(_json, EntryDocument.Of(_backend, path, entry, _now), GatewayJson.Documents.EntryDocument);
    }

    private void WriteProblem(string name, Problem problem)
    {
        _json.WriteStartObject();
        _json.WritePropertyName(name);
        ProblemWriter.Format(_json, _context, problem);
        _json.WriteEndObject();
    }

    private void EndLine()
    {
        _json.Flush();
        _sink.Writer.Write("\n"u8);
        _json.Reset(_sink.Writer);
    }
}
