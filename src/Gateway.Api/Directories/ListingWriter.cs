using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Gateway.Api.Entries;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;

namespace Gateway.Api.Directories;

/// <summary>Writes entries to a response, which is flushed by the piece: no listing is ever held as text.</summary>
internal sealed class ListingWriter : IDisposable
{
    private const int FlushAt = 32 * 1024;

    private readonly HttpContext _context;
    private readonly string _backend;
    private readonly RemotePath _folder;
    private readonly DateTimeOffset _now;
    private readonly Utf8JsonWriter _json;

    public ListingWriter(HttpContext context, string backend, RemotePath folder, DateTimeOffset now)
    {
        (_context, _backend, _folder, _now) = (context, backend, folder, now);
        _json = new Utf8JsonWriter(Pipe, JsonFormat.WriterOptions);
    }

    /// <summary>Whether something waits to be flushed.</summary>
    public bool HasUnflushed => _json.BytesPending > 0 || Pipe.UnflushedBytes > 0;

    private PipeWriter Pipe => _context.Response.BodyWriter;

    /// <summary>Writes a whole page.</summary>
    public async ValueTask WritePageAsync(ListingPage page)
    {
        _json.WriteStartObject();
        _json.WriteString("backend", _backend);
        _json.WriteString("path", _folder.Value);
        _json.WriteStartArray("entries");
        for (var i = 0; i < page.Entries.Count; i++)
        {
            WriteEntry(page.Entries[i]);
            if (_json.BytesPending + Pipe.UnflushedBytes >= FlushAt)
            {
                await FlushAsync();
            }
        }

        _json.WriteEndArray();
        _json.WriteString("next", page.Next);
        _json.WriteEndObject();
        await FlushAsync();
    }

    /// <summary>Writes one line.</summary>
    public async ValueTask WriteLineAsync(RemoteEntry entry)
    {
        WriteEntry(entry);
        EndLine();
        if (Pipe.UnflushedBytes >= FlushAt)
        {
            await FlushAsync();
        }
    }

    /// <summary>Writes the line that tells why the listing ends before its end.</summary>
    public async ValueTask WriteLastLineAsync(Action<Utf8JsonWriter> write)
    {
        _json.WriteStartObject();
        _json.WritePropertyName("problem");
        write(_json);
        _json.WriteEndObject();
        EndLine();
        await FlushAsync();
    }

    /// <summary>Sends what was written.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async ValueTask FlushAsync()
    {
        _json.Flush();
        var result = await Pipe.FlushAsync(_context.RequestAborted);
        if (result.IsCompleted)
        {
            throw new OperationCanceledException(_context.RequestAborted);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void WriteEntry(in RemoteEntry entry)
    {
        RemotePath? path = entry.IsAddressable ? _folder.Append(entry.Name) : null;
        JsonSerializer.Serialize(_json, EntryDocument.Of(_backend, path, entry, _now), GatewayJson.Documents.EntryDocument);
    }

    private void EndLine()
    {
        _json.Flush();
        Pipe.Write("\n"u8);
        _json.Reset(Pipe);
    }
}
