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
    private const int FlushAt = 64 * 1024;

    private readonly HttpContext _context;
    private readonly string _backend;
    private readonly ResponseSink _sink;
    private readonly Utf8JsonWriter _json;
    private readonly EntryWriter _entries;

    public ListingWriter(HttpContext context, ConfiguredBackend backend, TimeProvider time)
    {
        (_context, _backend) = (context, backend.Name);
        _sink = new ResponseSink(context, backend.StallTimeout, time);
        _json = new Utf8JsonWriter(_sink.Writer, JsonFormat.WriterOptions);
        _entries = new EntryWriter(_json, backend.Name, time.GetUtcNow());
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
        _entries.Enter(folder);
        for (var i = 0; i < page.Count;)
        {
            i = WriteEntries(page, i);
            if (i < page.Count)
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
            _entries.Enter(item.Folder);
            _entries.Write(item.Entry);
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

    /// <summary>Writes from the entry at <paramref name="index"/> on, until enough is written to be flushed.</summary>
    /// <returns>The first entry that is not written.</returns>
    private int WriteEntries(in ListingPage page, int index)
    {
        var table = page.View.Table;
        while (index < page.Count && _json.BytesPending + _sink.Writer.UnflushedBytes < FlushAt)
        {
            var row = page.Row(index++);
            _entries.Write(table.Name(row), table.Nameless(row));
        }

        return index;
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
