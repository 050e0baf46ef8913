using System.Globalization;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Directories;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Entries;

/// <summary><c>PATCH</c> of an entry: its modification time and permissions.</summary>
internal sealed class PatchEntryHandler(CurrentSettings settings, ConnectionBroker broker, TargetConditions conditions, ListingCache listings, TimeProvider time)
{
    /// <summary>The media types taken (RFC 5789, section 3.1).</summary>
    public const string Accepted = "application/merge-patch+json, application/json";

    private const string Form = """{"modified": "2026-01-31T12:00:00Z", "permissions": "0644"}""";

    private static readonly string[] s_timeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>File systems know times to the second, or to two of them.</summary>
    private static readonly TimeSpan s_resolution = TimeSpan.FromSeconds(2);

    /// <summary>SFTP counts seconds since 1970 in 32 bits.</summary>
    private static readonly DateTimeOffset s_latest = DateTimeOffset.FromUnixTimeSeconds(uint.MaxValue);

    public async Task HandleAsync(HttpContext context)
    {
        var (backend, path) = BackendRequest.ReadForWriting(context, settings);
        if (path.IsRoot)
        {
            throw new ProblemException(ProblemTypes.InvalidPath, "The backend's root stays as it is.");
        }

        if (context.Request.ContentType?.Split(';')[0].Trim().ToUpperInvariant() is not ("APPLICATION/JSON" or "APPLICATION/MERGE-PATCH+JSON"))
        {
            throw new ProblemException(ProblemTypes.UnsupportedMediaType, $"A patch is {Accepted}.");
        }

        var patch = await JsonBody.ReadAsync(context, GatewayJson.Documents.EntryPatchDocument, Form);
        var (modified, permissions) = (ReadModified(patch.Modified), ReadPermissions(patch.Permissions));
        await conditions.RequireAsync(context, backend, path);
        try
        {
            var entry = await broker.RunAsync(
                backend.Name,
                async (connection, token) =>
                {
                    if (modified is not null || permissions is not null)
                    {
                        await connection.SetAttributesAsync(path, modified, permissions, token);
                    }

                    return await connection.GetEntryAsync(path, followSymlink: true, token);
                },
                context.RequestAborted);
            RequireChanged(entry, modified, permissions);
            await EntriesHandler.WriteAsync(context, EntryDocument.Of(backend.Name, path, entry, time.GetUtcNow()));
        }
        finally
        {
            listings.Invalidate(backend, path.Parent);
        }
    }

    /// <summary>Some servers take what they do not do (rclone with permissions): a success must not be told that is none.</summary>
    private static void RequireChanged(in RemoteEntry entry, DateTimeOffset? modified, int? permissions)
    {
        if (permissions is { } wanted && entry.Permissions is { } found && ((wanted ^ found) & 0x1FF) != 0)
        {
            throw new ProblemException(ProblemTypes.NotSupported, "The server took the permissions, and keeps its own.");
        }

        if (modified is { } time && entry.ExactModified is { } kept && (kept - time).Duration() > s_resolution)
        {
            throw new ProblemException(ProblemTypes.NotSupported, "The server took the modification time, and keeps its own.");
        }
    }

    private static DateTimeOffset? ReadModified(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return DateTimeOffset.TryParseExact(text, s_timeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var modified)
            && modified >= DateTimeOffset.UnixEpoch && modified <= s_latest
            ? modified
            : throw new ProblemException(ProblemTypes.InvalidRequest, "'modified' is a time from 1970 to 2106, written as 2026-01-31T12:00:00Z.");
    }

    private static int? ReadPermissions(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return text.Length is 3 or 4 && !text.AsSpan().ContainsAnyExceptInRange('0', '7')
            ? Convert.ToInt32(text, 8)
            : throw new ProblemException(ProblemTypes.InvalidRequest, "'permissions' is an octal number of three or four digits in quotes, as \"0644\".");
    }
}
