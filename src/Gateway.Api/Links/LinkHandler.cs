using System.Security.Claims;
using System.Text.Encodings.Web;
using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Errors;
using Gateway.Api.Files;
using Gateway.Api.Hosting;
using Gateway.Api.Identity;
using Gateway.Broker.Backends;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Gateway.Api.Links;

/// <summary>
/// Judges presigned links. One that is not good ends the request here: 403, with the same words whatever is wrong, but for a link that the
/// gateway did sign and whose time is over: whoever holds it may be told.
/// </summary>
internal sealed partial class LinkHandler(
    CurrentSettings settings, TimeProvider time, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ILogger<LinkHandler> logger)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var current = settings.Value;
        if (current.Links is not { } links || !TryRead(out var link))
        {
            throw Refuse("it is not the URL of a link of this gateway", null);
        }

        // What the link says about itself is worth nothing before this.
        var terms = link.Terms;
        if (link.Verify(links) is not { } key)
        {
            throw Refuse("its signature is wrong, or its key is gone", null);
        }

        if (time.GetUtcNow().ToUnixTimeSeconds() >= terms.Expires)
        {
            UploadLimits.Lift(Context);
            LogRefused(LoggedText.Of(terms.Id), "it has expired");
            throw new ProblemException(ProblemTypes.Forbidden, "This link has expired. Ask for a new one.");
        }

        var verb = HttpMethods.IsPut(terms.Method) ? GrantVerb.Write : GrantVerb.Read;
        if (key.Open(terms.Id, terms.Issuer) is not { } sealedIssuer || LinkIssuer.Decode(sealedIssuer) is not { } issuer
            || !RightsOf(issuer, terms, verb, current).Allows(terms.Backend, terms.Path, verb))
        {
            throw Refuse("its maker is gone, or has no right to this any more", terms.Id);
        }

        // The signature keeps the request to its one path and method. The rights are the maker's, so that a path that is a symbolic link is
        // judged as it would be for the maker itself.
        var caller = new Caller(CallerKind.Link, issuer.Name, settings => RightsOf(issuer, terms, verb, settings)) { LinkId = terms.Id };
        Context.SetFeature(new LinkGrant(terms));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(caller), Scheme.Name)));
    }

    /// <summary>The answer to every link that is not good.</summary>
    private static ProblemException NotValid() => new(ProblemTypes.Forbidden, "This link is not valid, or no longer. Ask for a new one, and use it unchanged.");

    /// <summary>None, from the moment on at which the maker may no longer do what the link is for.</summary>
    private AccessRights RightsOf(LinkIssuer issuer, LinkTerms terms, GrantVerb verb, GatewaySettings current)
    {
        var rights = issuer.RightsIn(current, time.GetUtcNow());
        return rights.Allows(terms.Backend, terms.Path, verb) ? rights : AccessRights.None;
    }

    private bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SignedLink? link)
    {
        link = null;
        return Context.GetEndpoint()?.Metadata.GetMetadata<TakesLinks>() is not null
            && LinkTerms.Methods.Contains(HttpMethods.IsHead(Request.Method) ? HttpMethods.Get : Request.Method, StringComparer.Ordinal)
            && Context.GetRouteValue("backend") is string backend
            && TryReadPath(out var path)
            && LinkQuery.TryRead(Request.Query, backend, path, Request.Method, out link);
    }

    /// <summary>With a slash at its end a path means a folder, and a link is for a file; where two may stand for one, only one does here.</summary>
    private bool TryReadPath(out RemotePath path)
    {
        path = default;
        var raw = RequestTarget.RawPath(Context);
        if (raw.EndsWith('/') || raw.Contains("//", StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            path = RequestTarget.ReadPath(Context);
            return !path.IsRoot;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    /// <summary>It must find time to reach a caller that sends a large body already.</summary>
    private ProblemException Refuse(string reason, string? id)
    {
        UploadLimits.Lift(Context);
        LogRefused(LoggedText.Of(id), reason);
        return NotValid();
    }

    [LoggerMessage(1550, LogLevel.Information, "Link {LinkId} was refused: {Reason}.")]
    private partial void LogRefused(string linkId, string reason);
}
