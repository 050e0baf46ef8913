using System.Buffers.Text;
using System.Security.Cryptography;
using Gateway.Api.Access;
using Gateway.Api.Audit;
using Gateway.Api.Backends;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Http.Extensions;

namespace Gateway.Api.Links;

/// <summary>Makes presigned links.</summary>
internal sealed class LinksHandler(CurrentSettings settings, TimeProvider time)
{
    private const int IdBytes = 16;
    private const string Form = """{"path": "/a.pdf", "method": "GET", "expiresIn": 3600, "maxBytes": null, "disposition": null, "singleUse": false}""";

    public async Task CreateAsync(HttpContext context)
    {
        var (backend, _) = BackendRequest.Read(context, settings);
        var wish = await JsonBody.ReadAsync(context, GatewayJson.Documents.LinkRequestDocument, Form);

        // The settings from here on are those that the link is made under.
        var current = settings.Value;
        if (current.Links is not { } links)
        {
            throw new ProblemException(ProblemTypes.NotSupported, "This gateway makes no links: it has no key for them (Gateway:Links:KeyFile).");
        }

        var (path, verb) = Judge(wish, backend, links);
        var audit = AuditEntry.Find(context);
        audit?.Path = path;
        var access = CallerAccess.Of(context);
        access.Require(backend.Name, path, verb);
        if (verb == GrantVerb.Write && backend.ReadOnly)
        {
            throw new ProblemException(ProblemTypes.ReadOnly, $"The backend '{backend.Name}' is configured as read-only.");
        }

        var issuer = LinkIssuer.Of(access.Caller, current)
            ?? throw new ProblemException(ProblemTypes.Forbidden, "This caller can make no links.");
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
        audit?.LinkId = id;
        var terms = new LinkTerms
        {
            Id = id,
            Backend = backend.Name,
            Path = path,
            Method = wish.Method,
            Expires = Math.Min(time.GetUtcNow().ToUnixTimeSeconds() + wish.ExpiresIn, access.Caller.Expires?.ToUnixTimeSeconds() ?? long.MaxValue),
            Issuer = links.Key.Seal(id, issuer.Encode()),
            MaxBytes = wish.MaxBytes,
            Disposition = wish.Disposition,
            IsSingleUse = wish.SingleUse,
        };
        await AnswerAsync(context, terms, LinkQuery.Format(terms, links.Key.Id, links.Key.Sign(terms.Encode())));
    }

    private static (RemotePath Path, GrantVerb Verb) Judge(LinkRequestDocument wish, ConfiguredBackend backend, LinkSettings links)
    {
        if (!LinkTerms.Methods.Contains(wish.Method, StringComparer.Ordinal))
        {
            throw Invalid("'method' is GET or PUT.");
        }

        if (wish.ExpiresIn < 1 || wish.ExpiresIn > (long)links.MaxLifetime.TotalSeconds)
        {
            throw Invalid(FormattableString.Invariant($"'expiresIn' is a number of seconds from 1 to {(long)links.MaxLifetime.TotalSeconds} (Links:MaxLifetime)."));
        }

        var isUpload = HttpMethods.IsPut(wish.Method);
        if (wish.MaxBytes is { } most && (!isUpload || most < 0))
        {
            throw Invalid("'maxBytes' is for PUT, and a number of bytes of at least 0.");
        }

        if (wish.Disposition is { } disposition && (isUpload || disposition is not ("attachment" or "inline")))
        {
            throw Invalid("'disposition' is for GET, and attachment or inline.");
        }

        if (!RemotePath.TryParse(wish.Path, out var path, out var reason))
        {
            throw new ProblemException(ProblemTypes.InvalidPath, $"'path': {reason}");
        }

        return path.IsRoot || wish.Path.EndsWith('/')
            ? throw new ProblemException(ProblemTypes.InvalidPath, "'path' names a folder, and a link is for a file.")
            : (path, isUpload ? GrantVerb.Write : GrantVerb.Read);

        static ProblemException Invalid(string detail) => new(ProblemTypes.InvalidRequest, detail);
    }

    private static Task AnswerAsync(HttpContext context, LinkTerms terms, string query)
    {
        var request = context.Request;
        var href = ResourceUrl.Of(request, terms.Backend, "files", terms.Path) + query;
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.CacheControl = "no-store";
        return JsonResponse.WriteAsync(
            context,
            new LinkDocument
            {
                Id = terms.Id,
                Url = UriHelper.BuildAbsolute(request.Scheme, request.Host) + href[1..],
                Href = href,
                Backend = terms.Backend,
                Path = terms.Path.Value,
                Method = terms.Method,
                Expires = DateTimeOffset.FromUnixTimeSeconds(terms.Expires).UtcDateTime,
                MaxBytes = terms.MaxBytes,
                Disposition = terms.Disposition,
                SingleUse = terms.IsSingleUse,
            },
            GatewayJson.Documents.LinkDocument);
    }
}
