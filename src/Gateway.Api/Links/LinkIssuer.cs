using System.Security.Cryptography;
using System.Text;
using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Identity;

namespace Gateway.Api.Links;

/// <summary>
/// Who made a link, as the link carries it: enough to ask, when the link is used, what its maker may do by then. A link never allows what
/// its maker is not allowed any more.
/// </summary>
internal sealed record LinkIssuer
{
    private const int MaxGrants = 200;

    /// <summary>How the maker was known; never <see cref="CallerKind.Link"/>.</summary>
    public required CallerKind Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Of an API key: its id. A key of the same name that came later is another one. Of a token: the authority that signed it.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Of an API key: the beginning of a hash over its hash. Of a token: whom it was meant for.</summary>
    public string Stamp { get; init; } = "";

    /// <summary>Of a token: the names of its grants.</summary>
    public IReadOnlyList<string> Grants { get; init; } = [];

    /// <summary>Who makes a link; null where <paramref name="caller"/> may make none.</summary>
    public static LinkIssuer? Of(Caller caller, GatewaySettings settings) => caller.Kind switch
    {
        CallerKind.Anonymous => new LinkIssuer { Kind = caller.Kind, Name = caller.CallerName },
        CallerKind.ApiKey when settings.Identity.ApiKeys.FirstOrDefault(key => key.Name == caller.CallerName) is { } key =>
            new LinkIssuer { Kind = caller.Kind, Name = key.Name, Origin = key.Hash.Id, Stamp = StampOf(key) },
        CallerKind.Token when caller.Grants is { Count: <= MaxGrants } grants && settings.Identity.Jwt is { } jwt =>
            new LinkIssuer { Kind = caller.Kind, Name = caller.CallerName, Origin = jwt.Authority, Stamp = jwt.Audience, Grants = grants },
        _ => null,
    };

    /// <summary>What the maker may do under <paramref name="settings"/>: nothing, where it is not known any more.</summary>
    public AccessRights RightsIn(GatewaySettings settings, DateTimeOffset now) => Kind switch
    {
        CallerKind.Anonymous => settings.Identity.Anonymous ? AccessRights.Unlimited : AccessRights.None,
        CallerKind.ApiKey when settings.Identity.FindKey(Origin) is { } key && StampOf(key) == Stamp
            && !(key.Expires < DateOnly.FromDateTime(now.UtcDateTime)) => key.Rights,
        CallerKind.Token when settings.Identity.Jwt is { } jwt && jwt.Authority == Origin && jwt.Audience == Stamp => settings.Identity.Grants.RightsOf(Grants),
        _ => AccessRights.None,
    };

    /// <summary>As bytes, to be sealed.</summary>
    public byte[] Encode()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write((byte)Kind);
        writer.Write(Name);
        writer.Write(Origin);
        writer.Write(Stamp);
        writer.Write(Grants.Count);
        foreach (var grant in Grants)
        {
            writer.Write(grant);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote: it comes from nobody else, as its seal tells.</summary>
    public static LinkIssuer Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var issuer = new LinkIssuer { Kind = (CallerKind)reader.ReadByte(), Name = reader.ReadString(), Origin = reader.ReadString(), Stamp = reader.ReadString() };
        var grants = new string[Math.Min(reader.ReadInt32(), MaxGrants)];
        for (var i = 0; i < grants.Length; i++)
        {
            grants[i] = reader.ReadString();
        }

        return issuer with { Grants = grants };
    }

    private static string StampOf(ConfiguredApiKey key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Hash.ToString())).AsSpan(0, 16));
}
