using Gateway.Broker.Backends;
using Gateway.Broker.Pooling;

namespace Gateway.Broker.Striping;

/// <summary>
/// The further connections of one transfer: leases that are taken only where nobody else needs them, and given back when the pool
/// recalls them, when they bring nothing, and at the end. Members are opened in the background; the transfer takes them in between two
/// reads or writes.
/// </summary>
/// <typeparam name="T">The stream of a member.</typeparam>
internal sealed class StripeMembers<T> : IAsyncDisposable
    where T : class, IAsyncDisposable
{
    private readonly ConnectionPool _pool;
    private readonly Func<BackendConnection, CancellationToken, ValueTask<T?>> _open;
    private readonly Func<T, bool> _join;
    private readonly Action<T> _part;
    private readonly Lock _lock = new();
    private readonly List<Member> _opened = [];
    private readonly List<Member> _joined = [];
    private readonly List<Task> _underWay = [];
    private readonly CancellationTokenSource _end = new();
    private int _opening;
    private int _ready;
    private volatile bool _failed;
    private bool _ended;

    /// <param name="pool">Where the transfer's own lease is from.</param>
    /// <param name="open">Opens a member; null where the connection has not the same file.</param>
    /// <param name="join">Makes it take part.</param>
    /// <param name="part">Ends that; on any thread.</param>
    public StripeMembers(
        ConnectionPool pool, Func<BackendConnection, CancellationToken, ValueTask<T?>> open, Func<T, bool> join, Action<T> part)
    {
        _pool = pool;
        _open = open;
        _join = join;
        _part = part;
    }

    /// <summary>Those that take part.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _joined.Count;
            }
        }
    }

    /// <summary>Whether some are open, and wait to take part.</summary>
    public bool AreReady => Volatile.Read(ref _ready) > 0;

    /// <summary>Lets those that are open take part.</summary>
    public void Admit()
    {
        while (TakeOpened() is { } member)
        {
            if (!_join(member.Stream))
            {
                _failed = true;
                Begin(EndAsync(member));
                continue;
            }

            bool isRecalled;
            lock (_lock)
            {
                isRecalled = member.Lease.Recall!.IsCancellationRequested;
                if (!isRecalled)
                {
                    _joined.Add(member);
                }
            }

            if (isRecalled)
            {
                Release(member);
            }
        }
    }

    /// <summary>Brings the number of members to <paramref name="wanted"/>: at once where there are too many, else as far as it goes.</summary>
    public void Approach(int wanted)
    {
        while ((TakeBroken() ?? TakeSurplus(wanted)) is { } member)
        {
            Release(member);
        }

        int missing;
        lock (_lock)
        {
            missing = _failed ? 0 : wanted - _joined.Count - _opened.Count - _opening;
        }

        for (; missing > 0 && _pool.TryAcquireExtra(missing) is { } lease; missing--)
        {
            lock (_lock)
            {
                _opening++;
            }

            Begin(OpenAsync(lease));
        }
    }

    /// <summary>Gives everything back. Again: does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        await _end.CancelAsync();
        while (TakeSurplus(0) is { } member)
        {
            Release(member);
        }

        // Openings that are under way end by themselves, soon, and add to what is to be ended.
        while (true)
        {
            while (TakeOpened() is { } member)
            {
                Begin(EndAsync(member));
            }

            Task[] tasks;
            lock (_lock)
            {
                tasks = [.. _underWay];
                _underWay.Clear();
            }

            if (tasks.Length == 0)
            {
                break;
            }

            await Task.WhenAll(tasks);
        }

        _end.Dispose();
    }

    private async Task OpenAsync(ConnectionLease lease)
    {
        T? stream = null;
        try
        {
            stream = await _open(lease.Connection, _end.Token);
        }
        catch (Exception)
        {
            // The transfer does without.
        }

        if (stream is null)
        {
            _failed = true;
            lock (_lock)
            {
                _opening--;
            }

            await lease.DisposeAsync();
            return;
        }

        var member = new Member(lease, stream);
        lock (_lock)
        {
            _opening--;
            _opened.Add(member);
            _ready = _opened.Count;
        }

        lease.Recall!.Token.UnsafeRegister(
            static state => ((Recall)state!).Run(), new Recall(this, member));
    }

    private Member? TakeOpened()
    {
        lock (_lock)
        {
            var member = TakeLast(_opened, keep: 0);
            _ready = _opened.Count;
            return member;
        }
    }

    private Member? TakeSurplus(int wanted)
    {
        lock (_lock)
        {
            return TakeLast(_joined, Math.Max(0, wanted));
        }
    }

    private Member? TakeBroken()
    {
        lock (_lock)
        {
            var member = _joined.Find(member => member.Lease.Pooled.Connection.IsBroken);
            return member is not null && _joined.Remove(member) ? member : null;
        }
    }

    private static Member? TakeLast(List<Member> members, int keep)
    {
        if (members.Count <= keep)
        {
            return null;
        }

        var member = members[^1];
        members.RemoveAt(members.Count - 1);
        return member;
    }

    private void OnRecall(Member member)
    {
        lock (_lock)
        {
            if (_joined.Remove(member) || _opened.Remove(member))
            {
                // In the same step, or an upload could be committed between the two, with writes that nobody has confirmed.
                _ready = _opened.Count;
                _underWay.Add(Task.Run(() => Release(member)));
            }

            // Else it is on its way in, where the recall is asked for, or out.
        }
    }

    private void Release(Member member)
    {
        _part(member.Stream);
        Begin(EndAsync(member));
    }

    private static async Task EndAsync(Member member)
    {
        try
        {
            await member.Stream.DisposeAsync();
        }
        finally
        {
            await member.Lease.DisposeAsync();
        }
    }

    private void Begin(Task task)
    {
        lock (_lock)
        {
            _underWay.RemoveAll(static done => done.IsCompleted);
            _underWay.Add(task);
        }
    }

    private sealed record Member(ConnectionLease Lease, T Stream);

    private sealed record Recall(StripeMembers<T> Members, Member Member)
    {
        public void Run() => Members.OnRecall(Member);
    }
}
