using Gateway.Api.Configuration;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Gateway.Api.Hosting;

/// <summary>
/// Applies the <c>X-Forwarded-*</c> headers of the proxies in <c>Gateway:Proxies:Known</c>, and of nobody else; without any configured they
/// are ignored. A changed setting is in force with the next request.
/// </summary>
internal sealed class KnownProxies(RequestDelegate next, CurrentSettings settings, ILoggerFactory loggers)
{
    private Entry? _last;

    public Task InvokeAsync(HttpContext context)
    {
        var known = settings.Value.KnownProxies;
        var last = Volatile.Read(ref _last);
        if (last is null || !ReferenceEquals(last.Known, known))
        {
            last = new Entry(known, Build(known));
            Volatile.Write(ref _last, last);
        }

        return last.Forwarding?.Invoke(context) ?? next(context);
    }

    private ForwardedHeadersMiddleware? Build(IReadOnlyList<IPNetwork> known)
    {
        if (known.Count == 0)
        {
            return null;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.All,

            // As many proxies as there are in a row, as long as each is known.
            ForwardLimit = null,
        };

        // The framework's defaults would believe the local machine.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in known)
        {
            options.KnownIPNetworks.Add(network);
        }

        return new ForwardedHeadersMiddleware(next, loggers, Options.Create(options));
    }

    private sealed record Entry(IReadOnlyList<IPNetwork> Known, ForwardedHeadersMiddleware? Forwarding);
}
