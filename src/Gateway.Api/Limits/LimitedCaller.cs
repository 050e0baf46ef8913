using System.Net;
using System.Net.Sockets;
using Gateway.Api.Identity;

namespace Gateway.Api.Limits;

/// <summary>
/// Whom a limit counts for: a key or a token's subject by name, everybody else by address. Addresses share a fixed number of places, so
/// that somebody with many of them cannot fill the memory; two strangers seldom share one.
/// </summary>
/// <param name="Kind">How the caller is known.</param>
/// <param name="Name">Its name; null for an address.</param>
/// <param name="Place">The address's place.</param>
internal readonly record struct LimitedCaller(CallerKind Kind, string? Name, int Place)
{
    private const int Places = 1 << 16;

    /// <summary>The caller of a request. Behind a proxy that is known the address is the one that it tells.</summary>
    public static LimitedCaller Of(HttpContext context) => Caller.Find(context) switch
    {
        { Kind: CallerKind.ApiKey or CallerKind.Token } caller => new LimitedCaller(caller.Kind, caller.CallerName, 0),

        // Who has a link is not who made it.
        { Kind: CallerKind.Link } => new LimitedCaller(CallerKind.Link, null, PlaceOf(context.Connection.RemoteIpAddress)),
        _ => new LimitedCaller(CallerKind.Anonymous, null, PlaceOf(context.Connection.RemoteIpAddress)),
    };

    private static int PlaceOf(IPAddress? address)
    {
        if (address is null)
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out var length);

        // A household has an IPv6 network of 64 bits at the least, and every address in it.
        var hash = default(HashCode);
        hash.AddBytes(bytes[..(address.AddressFamily == AddressFamily.InterNetworkV6 && length == 16 ? 8 : length)]);
        return hash.ToHashCode() & (Places - 1);
    }
}
