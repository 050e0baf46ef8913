using Gateway.Api.Backends;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Microsoft.Net.Http.Headers;

namespace Gateway.Api.Files;

/// <summary>The answer to a request that has made a file.</summary>
internal static class FileResponse
{
    /// <summary>201 or 204, with where the file is and which state of it this is.</summary>
    public static void Write(HttpContext context, string backend, RemotePath path, in CommitResult commit, DateTimeOffset now)
    {
        var response = context.Response;
        response.StatusCode = commit.Created ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        response.Headers.Location = ResourceUrl.Of(context.Request, backend, "files", path);
        response.Headers.ETag = EntryTag.Format(backend, path, commit.Entry, now);
        response.Headers.LastModified = commit.Entry.ExactModified is { } modified ? HeaderUtilities.FormatDate(modified) : default;
    }
}
