using Gateway.Api.Access;
using Gateway.Api.Configuration;
using Gateway.Api.Identity;
using Gateway.Api.Limits;
using Gateway.Api.Links;
using Gateway.Broker.Backends;

namespace Gateway.UnitTests.Api.Links;

public sealed class LinkIssuerTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly RemotePath s_path = RemotePath.Parse("/a");
    private static readonly JwtSettings s_jwt = new("https://login.example.com", "gateway", "roles", new HashSet<string>(StringComparer.Ordinal) { "RS256" });

    private static readonly GrantTable s_grants = new([KeyValuePair.Create("readers", (IReadOnlyList<KeyValuePair<string, AccessRule>>)[KeyValuePair.Create("files", new AccessRule(Pattern("/a"), [GrantVerb.Read]))])]);

    [Fact]
    public void An_API_key_is_known_by_itself_and_not_by_its_name()
    {
        var (_, hash) = ApiKeyHash.Create();
        var key = new ConfiguredApiKey("app", hash, new DateOnly(2026, 11, 21), AccessRights.Unlimited);
        var settings = Settings(new IdentitySettings { Anonymous = false, ApiKeys = [key] });

        var issuer = Reread(LinkIssuer.Of((Caller)key.Principal.Identity!, settings)!);

        Assert.Equal((CallerKind.ApiKey, "app"), (issuer.Kind, issuer.Name));
        Assert.True(MayRead(issuer, settings, s_now));
        Assert.True(MayRead(issuer, settings, s_now.AddHours(11)));
        Assert.False(MayRead(issuer, settings, s_now.AddHours(12)));
        Assert.False(MayRead(issuer, Settings(new IdentitySettings { Anonymous = true, ApiKeys = [new ConfiguredApiKey("app", ApiKeyHash.Create().Hash, null, AccessRights.Unlimited)] }), s_now));
        Assert.False(MayRead(issuer, Settings(new IdentitySettings { Anonymous = false, ApiKeys = [new ConfiguredApiKey("app", hash, null, AccessRights.None)] }), s_now));
    }

    [Fact]
    public void The_grants_of_a_token_are_those_of_the_configuration_in_force()
    {
        var settings = Settings(new IdentitySettings { Anonymous = false, Jwt = s_jwt, Grants = s_grants });
        var caller = new Caller(CallerKind.Token, "alice@example.com", _ => AccessRights.Unlimited) { Grants = ["readers", "nothing"], Expires = s_now.AddMinutes(5) };

        var issuer = Reread(LinkIssuer.Of(caller, settings)!);

        Assert.True(MayRead(issuer, settings, s_now));
        Assert.False(MayRead(issuer, Settings(new IdentitySettings { Anonymous = false, Jwt = s_jwt }), s_now));
        Assert.False(MayRead(issuer, Settings(new IdentitySettings { Anonymous = false, Jwt = s_jwt with { Authority = "https://other.example.com" }, Grants = s_grants }), s_now));
        Assert.False(MayRead(issuer, Settings(new IdentitySettings { Anonymous = true, Grants = s_grants }), s_now));
    }

    [Fact]
    public void A_link_makes_no_links() =>
        Assert.Null(LinkIssuer.Of(new Caller(CallerKind.Link, "app", _ => AccessRights.Unlimited), Settings(new IdentitySettings { Anonymous = true })));

    private static bool MayRead(LinkIssuer issuer, GatewaySettings settings, DateTimeOffset now) => issuer.RightsIn(settings, now).Allows("files", s_path, GrantVerb.Read);

    private static LinkIssuer Reread(LinkIssuer issuer) => LinkIssuer.Decode(issuer.Encode());

    private static GatewaySettings Settings(IdentitySettings identity) => new()
    {
        Backends = new Dictionary<string, ConfiguredBackend>(StringComparer.Ordinal),
        Identity = identity,
        CorsOrigins = [],
        KnownProxies = [],
        Limits = new LimitSettings(null, null, null, MaxTransfers: 1000, MaxIdleConnections: 2000),
        ManagementPort = null,
        ShutdownTimeout = TimeSpan.Zero,
    };

    private static PathPattern Pattern(string text) =>
        PathPattern.TryParse(text, out var pattern, out var reason) ? pattern : throw new ArgumentException(reason, nameof(text));
}
