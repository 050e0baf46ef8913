using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Api.Copies;

/// <summary>Copies of files and folders.</summary>
internal sealed class CopiesHandler(
    CurrentSettings settings, ConnectionBroker broker, FileCopier files, TreeCopier trees, TargetConditions conditions, TimeProvider time)
{
    private const string Form = """{"from": "/a", "to": "/b", "toBackend": "other", "overwrite": false, "recursive": false}""";

    public async Task CopyAsync(HttpContext context)
    {
        var (source, _) = BackendRequest.Read(context, settings);
        var document = await JsonBody.ReadAsync(context, GatewayJson.Documents.CopyDocument, Form);
        var (from, to) = (JsonPath.Read(document.From, "from"), JsonPath.Read(document.To, "to"));
        AuditEntry.Find(context)?.Between(from, to, document.ToBackend);
        var target = document.ToBackend is { } name ? FindTarget(context, name) : source;
        if (target.ReadOnly)
        {
            throw new ProblemException(ProblemTypes.ReadOnly, $"The backend '{target.Name}' is configured as read-only.");
        }

        var access = CallerAccess.Of(context);
        var verb = document.Recursive && !access.Allows(source.Name, from, GrantVerb.Read) ? GrantVerb.List : GrantVerb.Read;
        var copy = new FileCopy(source, from, target, to, document.Overwrite)
        {
            Reading = await access.RequireAsync(source.Name, from, verb, follows: true, context.RequestAborted),
            Writing = await access.RequireAsync(target.Name, to, GrantVerb.Write, follows: true, context.RequestAborted),
            Require = entry => Require(context.Request, source, from, entry, isFolder: false),
        };
        if (copy.IsWithinBackend && copy.From == copy.To)
        {
            throw new ProblemException(ProblemTypes.InvalidRequest, "'from' and 'to' are the same.");
        }

        if (document.Recursive && await IsFolderAsync(context, copy))
        {
            copy.Reading.Require(from, GrantVerb.List);
            await CopyTreeAsync(context, copy);
            return;
        }

        copy.Reading.Require(from, GrantVerb.Read);
        CommitResult commit;
        try
        {
            commit = await files.CopyAsync(copy, context.RequestAborted);
        }
        catch (BackendException exception) when (exception is { Error: BackendError.IsADirectory, Path: var path } && path == copy.From)
        {
            throw IsFolder();
        }

        Tell(context, files: 1, commit.Entry.Size ?? 0);
        FileResponse.Write(context, target.Name, copy.To, commit, time.GetUtcNow());
    }

    private async ValueTask<bool> IsFolderAsync(HttpContext context, FileCopy copy)
    {
        var entry = await broker.RunAsync(
            copy.Source.Name, (connection, token) => connection.GetEntryAsync(copy.From, followSymlink: true, token), context.RequestAborted);
        if (entry.Type != RemoteEntryType.Directory)
        {
            return false;
        }

        Require(context.Request, copy.Source, copy.From, entry, isFolder: true);
        return copy.IsWithinBackend && copy.To.IsWithin(copy.From)
            ? throw new ProblemException(ProblemTypes.InvalidRequest, "'to' lies below 'from': a folder cannot be copied into itself.")
            : true;
    }

    private async Task CopyTreeAsync(HttpContext context, FileCopy copy)
    {
        var document = await trees.CopyAsync(copy, context.RequestAborted);
        Tell(context, document.Files, document.Bytes);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = ResourceUrl.Of(context.Request, copy.Target.Name, "directories", copy.To);
        context.Response.Headers.CacheControl = "no-store";
        await JsonResponse.WriteAsync(context, document, GatewayJson.Documents.TreeCopyDocument);
    }

    private static void Tell(HttpContext context, int files, long bytes)
    {
        if (AuditEntry.Find(context) is { } audit)
        {
            (audit.Entries, audit.Bytes) = (files, bytes);
        }
    }

    private ConfiguredBackend FindTarget(HttpContext context, string name) =>
        settings.Value.Backends.TryGetValue(name, out var backend) && CallerAccess.Of(context).Rights.Sees(name)
        ? backend
        : throw new ProblemException(ProblemTypes.BackendNotFound, "'toBackend': no backend of that name is configured; GET /v1/backends lists them.");

    private static ProblemException IsFolder() => new(ProblemTypes.IsADirectory, "'from' is a folder, which is copied only with recursive.");

    private void Require(HttpRequest request, ConfiguredBackend backend, RemotePath path, in RemoteEntry entry, bool isFolder)
    {
        if (entry.Type == RemoteEntryType.Directory && !isFolder)
        {
            throw IsFolder();
        }

        if (!conditions.Hold(request, backend, path, entry))
        {
            throw TargetConditions.Failed();
        }
    }
}
