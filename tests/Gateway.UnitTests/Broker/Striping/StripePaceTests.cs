using Gateway.Broker.Striping;
using Gateway.Testing.Fakes;

namespace Gateway.UnitTests.Broker.Striping;

/// <summary>A connection carries 1,000,000 bytes in a round trip of 100 ms: 10 MB/s.</summary>
public class StripePaceTests
{
    private const long Plenty = 1_000_000_000;

    private readonly ManualTimeProvider _time = new();
    private readonly FakeConnection _connection = new() { Distance = TimeSpan.FromMilliseconds(100) };
    private readonly StripePace _pace;

    public StripePaceTests() => _pace = new StripePace(_time, _connection, 8, mostNear: 2);

    [Fact]
    public void A_transfer_at_the_limit_of_its_connection_gets_more()
    {
        Run(megabytesPerSecond: 9, waiting: 0.9, looks: 1);
        Assert.Equal(4, Run(megabytesPerSecond: 9, waiting: 0.9, looks: 1));
        Assert.Equal(8, Run(megabytesPerSecond: 35, waiting: 0.9, looks: 1, present: 4));
    }

    [Fact]
    public void What_buffers_take_at_once_proves_nothing() => Assert.Equal(1, Run(megabytesPerSecond: 9, waiting: 0.9, looks: 1));

    [Theory]
    [InlineData(9, 0.3)]
    [InlineData(4, 0.9)]
    [InlineData(1, 0.1)]
    public void A_slow_caller_and_a_slow_server_get_none(double megabytesPerSecond, double waiting) =>
        Assert.Equal(1, Run(megabytesPerSecond, waiting, looks: 50));

    [Theory]
    [InlineData(4_000_000, 1)]
    [InlineData(8_000_000, 2)]
    [InlineData(12_000_000, 3)]
    public void What_is_left_must_be_worth_it(long left, int expected) => Assert.Equal(expected, Run(9, 0.9, looks: 2, left: left));

    [Fact]
    public void What_brings_nothing_is_given_back_but_not_for_one_bad_moment()
    {
        Run(megabytesPerSecond: 9, waiting: 0.9, looks: 2);
        Assert.Equal(8, Run(megabytesPerSecond: 20, waiting: 0.9, looks: 1, present: 8));
        Assert.Equal(8, Run(megabytesPerSecond: 45, waiting: 0.9, looks: 1, present: 8));
        Assert.Equal(8, Run(megabytesPerSecond: 20, waiting: 0.9, looks: 1, present: 8));
        Assert.Equal(4, Run(megabytesPerSecond: 20, waiting: 0.9, looks: 1, present: 8));
        Assert.Equal(1, Run(megabytesPerSecond: 2, waiting: 0.1, looks: 2, present: 4));
    }

    [Fact]
    public void A_near_server_is_worth_it_only_where_processors_are_the_limit_and_much_is_to_come()
    {
        Assert.True(StripePace.IsWorth(_connection, Plenty, 8, mostNear: 1));
        Assert.False(StripePace.IsWorth(_connection, Plenty, 1, mostNear: 1));
        Assert.False(StripePace.IsWorth(_connection, 2_000_000, 8, mostNear: 1));
        _connection.Distance = TimeSpan.FromMilliseconds(1);
        Assert.False(StripePace.IsWorth(_connection, Plenty, 8, mostNear: 1));
        Assert.True(StripePace.IsWorth(_connection, Plenty, 8, mostNear: 2));
        Assert.False(StripePace.IsWorth(_connection, Plenty, 1, mostNear: 2));
        Assert.False(StripePace.IsWorth(_connection, 60_000_000, 8, mostNear: 2));
        _connection.Distance = null;
        Assert.False(StripePace.IsWorth(_connection, Plenty, 8, mostNear: 2));
    }

    [Fact]
    public void An_upload_to_a_near_server_that_is_faster_than_a_line_gets_a_second_connection()
    {
        _connection.Distance = TimeSpan.FromMilliseconds(1);
        Assert.Equal(1, Run(megabytesPerSecond: 200, waiting: 0.9, looks: 1));
        Assert.Equal(2, Run(megabytesPerSecond: 200, waiting: 0.9, looks: 1));
        Assert.Equal(2, Run(megabytesPerSecond: 100, waiting: 0.9, looks: 3, present: 2));
    }

    [Theory]
    [InlineData(300, 0.3, 1)]
    [InlineData(120, 0.9, 1)]
    [InlineData(60, 0.9, 2)]
    [InlineData(300, 0.9, 4)]
    public void A_near_server_gets_no_more_connections_than_bring_something(double megabytesPerSecond, double waiting, int present)
    {
        _connection.Distance = TimeSpan.FromMilliseconds(1);
        Assert.Equal(present == 4 ? 2 : 1, Run(megabytesPerSecond, waiting, looks: 5, present));
    }

    [Fact]
    public void The_end_of_an_upload_to_a_near_server_is_not_worth_it()
    {
        _connection.Distance = TimeSpan.FromMilliseconds(1);
        Assert.Equal(1, Run(megabytesPerSecond: 300, waiting: 0.9, looks: 5, left: 30_000_000));
    }

    /// <returns>What was decided last.</returns>
    private int Run(double megabytesPerSecond, double waiting, int looks, int present = 1, long left = Plenty)
    {
        const double Step = 0.02;
        var decided = present;
        while (looks > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(Step * (1 - waiting)));
            var started = _time.GetTimestamp();
            _time.Advance(TimeSpan.FromSeconds(Step * waiting));
            if (_pace.Count((long)(megabytesPerSecond * 1e6 * Step), started))
            {
                decided = _pace.Decide(present, left);
                looks--;
            }
        }

        return decided;
    }
}
