using System.Threading.Channels;
using Gateway.Broker.Backends;

namespace Gateway.Testing.Fakes;

/// <summary>
/// A connector whose attempts do what the test says: succeed at once (the default), fail (<see cref="FailWith"/>), run
/// <see cref="OnOpen"/>, or wait for the test (<see cref="Hold"/>, then <see cref="NextOpeningAsync"/>).
/// </summary>
public sealed class FakeConnector : IBackendConnector
{
    private readonly Channel<FakeOpening> _held = Channel.CreateUnbounded<FakeOpening>();
    private readonly Lock _lock = new();
    private readonly List<FakeConnection> _connections = [];
    private int _attempts;
    private int _opening;
    private int _mostOpening;
    private int _mostSessions;

    /// <param name="isShareable">Whether several leases may share a connection.</param>
    public FakeConnector(bool isShareable = true) => IsShareable = isShareable;

    /// <inheritdoc/>
    public bool IsShareable { get; }

    /// <summary>While set, every attempt fails with it.</summary>
    public BackendError? FailWith { get; set; }

    /// <summary>While set, an attempt waits until the test ends it; see <see cref="NextOpeningAsync"/>.</summary>
    public bool Hold { get; set; }

    /// <summary>Runs in place of a plain success; gets the attempt's number, from 1.</summary>
    public Func<int, CancellationToken, Task<FakeConnection>>? OnOpen { get; set; }

    /// <summary>Attempts so far.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>Attempts under way.</summary>
    public int Opening => Volatile.Read(ref _opening);

    /// <summary>Most attempts that were under way at once.</summary>
    public int MostOpening => Volatile.Read(ref _mostOpening);

    /// <summary>Most sessions a server would have seen at once: attempts under way, and connections not yet closed.</summary>
    public int MostSessions => Volatile.Read(ref _mostSessions);

    /// <summary>Every connection opened so far, oldest first.</summary>
    public IReadOnlyList<FakeConnection> Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections];
            }
        }
    }

    /// <summary>Connections opened and not yet closed to the end.</summary>
    public IReadOnlyList<FakeConnection> Live => [.. Connections.Where(c => !c.IsClosed)];

    /// <summary>The next attempt made while <see cref="Hold"/> was set, in order.</summary>
    public async Task<FakeOpening> NextOpeningAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _held.Reader.ReadAsync(deadline.Token);
    }

    /// <inheritdoc/>
    public async Task<BackendConnection> OpenAsync(CancellationToken cancellationToken)
    {
        int number;
        lock (_lock)
        {
            number = ++_attempts;
            _mostOpening = Math.Max(_mostOpening, ++_opening);
            _mostSessions = Math.Max(_mostSessions, _opening + _connections.Count(c => !c.IsClosed));
        }

        FakeConnection? connection = null;
        try
        {
            connection = await AttemptAsync(number, cancellationToken);
            return connection;
        }
        finally
        {
            lock (_lock)
            {
                _opening--;
                if (connection is not null)
                {
                    _connections.Add(connection);
                }
            }
        }
    }

    private async Task<FakeConnection> AttemptAsync(int number, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Hold)
        {
            var opening = new FakeOpening(number, cancellationToken);
            _held.Writer.TryWrite(opening);
            return await opening.Result;
        }

        if (FailWith is { } error)
        {
            throw new BackendException(error, $"Attempt {number} failed as told.");
        }

        return OnOpen is { } open ? await open(number, cancellationToken) : new FakeConnection();
    }
}
