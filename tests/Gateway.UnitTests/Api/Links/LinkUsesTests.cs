using System.Globalization;
using Gateway.Api.Links;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Api.Links;

public sealed class LinkUsesTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_link_is_used_once_until_its_use_is_given_back()
    {
        var uses = new LinkUses(_time);
        var expires = _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds();

        Assert.Equal(LinkClaim.Granted, uses.Claim("a", expires));
        Assert.Equal(LinkClaim.Used, uses.Claim("a", expires));
        Assert.Equal(LinkClaim.Granted, uses.Claim("b", expires));
        uses.Release("a");
        Assert.Equal(LinkClaim.Granted, uses.Claim("a", expires));
    }

    [Fact]
    public void Of_many_who_use_one_at_once_one_does()
    {
        var uses = new LinkUses(_time);
        var granted = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (uses.Claim("a", long.MaxValue / 2) == LinkClaim.Granted)
            {
                Interlocked.Increment(ref granted);
            }
        });

        Assert.Equal(1, granted);
    }

    [Fact]
    public void Memory_is_bounded_forgets_what_has_expired_and_never_what_has_not()
    {
        var uses = new LinkUses(_time);
        var soon = _time.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds();
        for (var i = 0; i < LinkUses.Capacity; i++)
        {
            uses.Claim(i.ToString(CultureInfo.InvariantCulture), i == 0 ? soon * 2 : soon);
        }

        Assert.Equal(LinkClaim.Full, uses.Claim("new", soon * 2));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(LinkClaim.Granted, uses.Claim("new", soon * 2));
        Assert.Equal(LinkClaim.Used, uses.Claim("0", soon * 2));
        Assert.Equal(2, uses.Count);
    }
}
