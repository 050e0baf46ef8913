using Gateway.Api.Hosting;

namespace Gateway.UnitTests.Api.Hosting;

public sealed class LifecycleTests
{
    [Fact]
    public void Draining_ends_with_the_last_request_that_was_under_way()
    {
        var lifecycle = new Lifecycle();
        Assert.True(lifecycle.TryEnter());
        Assert.True(lifecycle.TryEnter());

        var (running, drained) = lifecycle.BeginDrain();

        Assert.Equal(2, running);
        Assert.True(lifecycle.IsDraining);
        Assert.False(lifecycle.TryEnter());
        lifecycle.Exit();
        Assert.False(drained.IsCompleted);
        lifecycle.Exit();
        Assert.True(drained.IsCompleted);
    }

    [Fact]
    public void Draining_without_a_request_ends_at_once() => Assert.True(new Lifecycle().BeginDrain().Drained.IsCompleted);
}
