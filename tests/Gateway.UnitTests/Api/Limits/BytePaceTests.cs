using Gateway.Api.Configuration;
using Gateway.Api.Limits;
using Gateway.Testing.Fakes;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.Api.Limits;

public sealed class BytePaceTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void What_goes_through_pushes_the_next_byte_into_the_future()
    {
        var pace = new BytePace(Limit("8000"), _time);
        Assert.Equal(4096, pace.Piece);

        // An eighth of a second is free after a silence.
        Assert.Equal(TimeSpan.Zero, pace.Take(1000));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Take(8000));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromMilliseconds(500), pace.Take(4000));

        // Nothing is saved up for later than that.
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromMilliseconds(875), pace.Take(8000));
    }

    [Fact]
    public void A_limit_that_changes_or_goes_is_kept_to_at_once()
    {
        var settings = Limit("8000");
        var pace = new BytePace(settings, _time);
        pace.Take(1000);

        settings.Replace(Limit("80000").Value);
        Assert.Equal(TimeSpan.FromMilliseconds(100), pace.Take(8000));
        Assert.Equal(10_000, pace.Piece);

        settings.Replace(Limit(null).Value);
        Assert.Equal(TimeSpan.Zero, pace.Take(1_000_000));
        Assert.Equal(int.MaxValue, pace.Piece);
    }

    [Fact]
    public async Task A_wait_ends_with_its_time_and_with_the_exchange()
    {
        using var pace = new TransferPace(new BytePace(Limit("8000"), _time), _time);
        using var exchange = new CancellationTokenSource();
        var wait = pace.TakeAsync(1000, exchange.Token).AsTask();
        Assert.True(wait.IsCompletedSuccessfully);

        wait = pace.TakeAsync(8000, exchange.Token).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await wait;

        wait = pace.TakeAsync(8000, exchange.Token).AsTask();
        Assert.False(wait.IsCompleted);
        await exchange.CancelAsync();
        await wait;
    }

    internal static CurrentSettings Limit(string? rate) => new(new GatewaySettingsReader(
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Gateway:Limits:BytesPerSecond", rate)]).Build(), []).Read());
}
