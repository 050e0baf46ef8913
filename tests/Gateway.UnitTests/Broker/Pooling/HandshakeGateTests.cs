using Gateway.Broker.Pooling;

namespace Gateway.UnitTests.Broker.Pooling;

public class HandshakeGateTests
{
    private readonly HandshakeGate _gate = new(3, new Random(1));
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void A_success_opens_the_gate_for_a_minute()
    {
        Assert.Equal(1, _gate.GetRoom(_now));
        _gate.Enter();
        Assert.Equal(0, _gate.GetRoom(_now));
        _gate.LeaveSucceeded(_now);

        Assert.Equal(3, _gate.GetRoom(_now));
        Assert.Equal(3, _gate.GetRoom(_now + TimeSpan.FromMinutes(1)));
        Assert.Equal(1, _gate.GetRoom(_now + TimeSpan.FromSeconds(61)));
    }

    [Fact]
    public void A_failure_narrows_it_to_one_and_makes_it_wait_ever_longer()
    {
        Succeed();
        _gate.Enter();
        _gate.Enter();

        _gate.LeaveFailed(_now);
        Assert.Equal(0, _gate.GetRoom(_now));
        _gate.LeaveFailed(_now);

        Assert.Equal(1, _gate.GetRoom(_now));
        Assert.InRange((_gate.GetNotBefore(urgent: true) - _now).TotalMilliseconds, 200, 240);
        for (var i = 0; i < 100; i++)
        {
            _gate.Enter();
            _gate.LeaveFailed(_now);
        }

        Assert.InRange((_gate.GetNotBefore(urgent: true) - _now).TotalSeconds, 1.5, 1.8);
        Assert.InRange((_gate.GetNotBefore(urgent: false) - _now).TotalSeconds, 30, 36);
    }

    [Fact]
    public void A_crowd_of_fresh_connections_lost_at_once_is_one_event_and_free()
    {
        Succeed();
        for (var i = 0; i < 8; i++)
        {
            _gate.OnEarlyLoss(_now);
        }

        Assert.True(_gate.GetNotBefore(urgent: false) <= _now);
    }

    [Fact]
    public void A_server_that_lets_us_in_and_hangs_up_is_asked_ever_more_rarely_until_it_behaves_for_a_minute()
    {
        for (var i = 0; i < 4; i++)
        {
            Succeed();
            _gate.OnEarlyLoss(_now);
        }

        Assert.InRange((_gate.GetNotBefore(urgent: false) - _now).TotalMilliseconds, 800, 960);
        _now += TimeSpan.FromSeconds(61);
        Succeed();
        _gate.OnEarlyLoss(_now);
        Assert.True(_gate.GetNotBefore(urgent: false) <= _now);
    }

    [Fact]
    public void A_login_given_up_by_the_pool_says_nothing_about_the_server()
    {
        Succeed();
        _gate.Enter();
        _gate.LeaveAborted();

        Assert.Equal((0, 3), (_gate.UnderWay, _gate.GetRoom(_now)));
        Assert.True(_gate.GetNotBefore(urgent: false) <= _now);
    }

    private void Succeed()
    {
        _gate.Enter();
        _gate.LeaveSucceeded(_now);
    }
}
