using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.UnitTests.Broker.Pooling;

public class CircuitBreakerTests
{
    private readonly CircuitBreaker _breaker = new(new Random(1));
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void A_success_in_between_starts_the_count_anew()
    {
        Fail(BackendError.Unreachable);
        Fail(BackendError.Unreachable);
        _breaker.OnSuccess();
        Fail(BackendError.Unreachable);
        Fail(BackendError.ProtocolError);
        Assert.Equal(CircuitState.Closed, _breaker.State);

        Fail(BackendError.Unreachable);

        Assert.Equal(CircuitState.Open, _breaker.State);
        Assert.Equal(BackendError.Unreachable, _breaker.Cause?.Error);
    }

    [Fact]
    public void A_time_out_counts_in_full_since_it_has_cost_seconds_already()
    {
        Fail(BackendError.Timeout);

        Assert.Equal(CircuitState.Open, _breaker.State);
    }

    [Theory]
    [InlineData(BackendError.AuthenticationFailed)]
    [InlineData(BackendError.HostKeyMismatch)]
    [InlineData(BackendError.CertificateInvalid)]
    public void Refused_credentials_wait_for_thirty_seconds_then_three_times_as_long_each_time_up_to_a_quarter_of_an_hour(BackendError error)
    {
        foreach (var seconds in new[] { 30, 90, 270, 810, 900, 900 })
        {
            Fail(error);
            var wait = _breaker.GetRetryAt(urgent: true) - _now;
            Assert.Equal(wait, _breaker.GetRetryAt(urgent: false) - _now);
            Assert.InRange(wait.TotalSeconds, seconds, seconds * 1.2);
            _now += wait;
            _breaker.BeginTrial();
        }
    }

    [Fact]
    public void An_outage_in_between_does_not_make_a_wrong_password_cheaper()
    {
        Fail(BackendError.AuthenticationFailed);
        _breaker.BeginTrial();
        Fail(BackendError.Unreachable);
        _breaker.BeginTrial();
        Fail(BackendError.AuthenticationFailed);

        Assert.InRange((_breaker.GetRetryAt(urgent: true) - _now).TotalSeconds, 90, 108);
    }

    [Fact]
    public void Trials_of_an_unreachable_server_stay_frequent_while_callers_come_and_grow_rare_otherwise()
    {
        for (var i = 0; i < 20_000; i++)
        {
            Fail(BackendError.Unreachable);
            _breaker.BeginTrial();
        }

        Fail(BackendError.Unreachable);
        Assert.InRange((_breaker.GetRetryAt(urgent: true) - _now).TotalSeconds, 1.5, 1.8);
        Assert.InRange((_breaker.GetRetryAt(urgent: false) - _now).TotalSeconds, 30, 36);
    }

    [Fact]
    public void A_trial_that_was_given_up_proves_nothing()
    {
        Fail(BackendError.AuthenticationFailed);
        var retryAt = _breaker.GetRetryAt(urgent: true);
        _breaker.BeginTrial();
        Assert.Equal(CircuitState.HalfOpen, _breaker.State);

        _breaker.OnAborted();

        Assert.Equal((CircuitState.Open, retryAt), (_breaker.State, _breaker.GetRetryAt(urgent: true)));
    }

    [Fact]
    public void A_login_that_ran_beside_the_one_that_opened_it_changes_nothing()
    {
        Fail(BackendError.AuthenticationFailed);
        var retryAt = _breaker.GetRetryAt(urgent: true);

        _now += TimeSpan.FromSeconds(1);
        Fail(BackendError.Unreachable);

        Assert.Equal(retryAt, _breaker.GetRetryAt(urgent: true));
        Assert.Equal(BackendError.AuthenticationFailed, _breaker.Cause?.Error);
    }

    private void Fail(BackendError error) => _breaker.OnFailure(new BackendException(error, "As told."), _now);
}
