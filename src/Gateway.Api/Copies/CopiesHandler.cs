using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;

namespace Gateway.Api.Copies;

/// <summary>Copies of files.</summary>
internal sealed class CopiesHandler(CurrentSettings settings, FileCopier copier, TargetConditions conditions, TimeProvider time)
{
    private const string Form = """{"from": "/a", "to": "/b", "toBackend": "other", "overwrite": false}""";

    public async Task CopyAsync(HttpContext context)
    {
        var (source, _) = BackendRequest.Read(context, settings);
        var document = await JsonBody.ReadAsync(context, GatewayJson.Documents.CopyDocument, Form);
        var target = document.ToBackend is { } name ? FindTarget(name) : source;
        if (target.ReadOnly)
        {
            throw new ProblemException(ProblemTypes.ReadOnly, $"The backend '{target.Name}' is configured as read-only.");
        }

        var copy = new FileCopy(source, JsonPath.Read(document.From, "from"), target, JsonPath.Read(document.To, "to"), document.Overwrite)
        {
            Require = entry => Require(context.Request, source, document.From, entry),
        };
        if (copy.IsWithinBackend && copy.From == copy.To)
        {
            throw new ProblemException(ProblemTypes.InvalidRequest, "'from' and 'to' are the same file.");
        }

        var commit = await copier.CopyAsync(copy, context.RequestAborted);
        FileResponse.Write(context, target.Name, copy.To, commit, time.GetUtcNow());
    }

    private ConfiguredBackend FindTarget(string name) => settings.Value.Backends.TryGetValue(name, out var backend)
        ? backend
        : throw new ProblemException(ProblemTypes.BackendNotFound, "'toBackend': no backend of that name is configured; GET /v1/backends lists them.");

    private void Require(HttpRequest request, ConfiguredBackend backend, string path, in RemoteEntry entry)
    {
        if (entry.Type == RemoteEntryType.Directory)
        {
            throw new ProblemException(ProblemTypes.IsADirectory, "'from' is a folder; only files are copied.");
        }

        if (!conditions.Hold(request, backend, JsonPath.Read(path, "from"), entry))
        {
            throw TargetConditions.Failed();
        }
    }
}
