using System.Diagnostics;
using Gateway.Broker.Backends;
using Xunit.Abstractions;

namespace Gateway.FunctionalTests.Contract;

/// <summary>What the parts of the contract suite have in common. The last words of each server used go to the test's output.</summary>
public abstract class ContractTest(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Longer than anything here takes that is not broken, shorter than a build agent's patience.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int LogLines = 60;

    private readonly List<ContractServer> _used = [];
    private readonly List<ContractServer> _owned = [];
    private readonly List<ContractRoom> _rooms = [];

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach (var server in _used)
        {
            var lines = server.Server.Log.Split('\n');
            output.WriteLine(string.Join('\n', lines.TakeLast(LogLines)));
        }

        foreach (var server in _owned)
        {
            server.Server.Resume();
        }

        foreach (var room in _rooms)
        {
            await room.DisposeAsync().AsTask().WaitAsync(Patience);
        }

        foreach (var server in _owned)
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>A connection to the shared server of a set-up, with a folder of the test's own.</summary>
    protected async Task<ContractRoom> EnterAsync(string setUp, Func<BackendSettings, BackendSettings>? change = null) =>
        Keep(await (await GetSharedAsync(setUp)).OpenRoomAsync(change));

    /// <summary>The shared server of a set-up.</summary>
    protected async Task<ContractServer> GetSharedAsync(string setUp)
    {
        var server = await ContractServer.GetSharedAsync(setUp);
        _used.Add(server);
        return server;
    }

    /// <summary>A server that the test may stop, freeze and break.</summary>
    protected async Task<ContractServer> StartOwnAsync(string setUp)
    {
        var server = await ContractServer.StartOwnAsync(setUp);
        _used.Add(server);
        _owned.Add(server);
        return server;
    }

    /// <summary>A connection to a server of the test's own, with a folder.</summary>
    protected async Task<ContractRoom> EnterOwnAsync(string setUp, Func<BackendSettings, BackendSettings>? change = null) =>
        Keep(await (await StartOwnAsync(setUp)).OpenRoomAsync(change));

    /// <summary>Runs something that must fail with one of these errors, and returns the failure.</summary>
    protected static async Task<BackendException> FailsWithAsync(Func<Task> action, params BackendError[] errors)
    {
        try
        {
            await action().WaitAsync(Patience);
        }
        catch (BackendException e)
        {
            Assert.True(errors.Contains(e.Error), $"Expected {string.Join(" or ", errors)}, got {e.Error}: {e.Message}\n{e.Diagnostic}\n{e}");
            AssertIsFitForCallers(e);
            return e;
        }

        throw new Xunit.Sdk.XunitException($"Expected {string.Join(" or ", errors)}, and it succeeded.");
    }

    /// <summary>Runs something that must fail within a time.</summary>
    protected static async Task<BackendException> FailsWithinAsync(TimeSpan limit, Func<Task> action, params BackendError[] errors)
    {
        var clock = Stopwatch.StartNew();
        var failure = await FailsWithAsync(action, errors);
        Assert.True(clock.Elapsed < limit, $"It took {clock.Elapsed.TotalSeconds:0.0} s, more than {limit.TotalSeconds:0.0} s.");
        return failure;
    }

    // What callers see is one sentence or two, free of control characters, and in our words: never a reply line of the server.
    private static void AssertIsFitForCallers(BackendException failure)
    {
        Assert.False(string.IsNullOrWhiteSpace(failure.Message));
        Assert.DoesNotContain(failure.Message, char.IsControl);
        Assert.EndsWith(".", failure.Message.TrimEnd(')'), StringComparison.Ordinal);
        if (failure.Diagnostic is { Length: > 8 } diagnostic)
        {
            Assert.DoesNotContain(diagnostic, failure.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Closes the room's connection at the end of the test.</summary>
    protected ContractRoom Keep(ContractRoom room)
    {
        _rooms.Add(room);
        return room;
    }
}
