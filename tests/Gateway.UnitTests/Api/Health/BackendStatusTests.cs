using Gateway.Api.Health;
using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.UnitTests.Api.Health;

public class BackendStatusTests
{
    [Theory]
    [InlineData(1, CircuitState.Closed, false, "pass")]
    [InlineData(0, CircuitState.Closed, false, "pass")]
    [InlineData(2, CircuitState.Closed, true, "pass")]
    [InlineData(1, CircuitState.Closed, true, "warn")]
    [InlineData(2, CircuitState.Open, true, "warn")]
    [InlineData(0, CircuitState.Closed, true, "fail")]
    [InlineData(0, CircuitState.Open, true, "fail")]
    public void A_backend_is_judged_by_what_it_can_serve(int idle, CircuitState circuit, bool hasFailed, string status)
    {
        var snapshot = new PoolSnapshot
        {
            Backend = "files",
            Idle = idle,
            Leased = 0,
            Leases = 0,
            Opening = 0,
            Waiting = 0,
            Max = 8,
            Circuit = circuit,
            LastError = hasFailed ? new PoolFailure(BackendError.ConnectionLost, "Lost.", DateTimeOffset.UnixEpoch) : null,
            FirstAttemptEnded = true,
            Draining = false,
        };

        Assert.Equal(status, BackendsHealthCheck.StatusOf(snapshot, minimum: 2));
    }
}
