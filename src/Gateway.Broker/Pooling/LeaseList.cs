namespace Gateway.Broker.Pooling;

/// <summary>The leases of a pool, oldest first, linked through themselves: no allocation beside the lease. The pool's lock guards it.</summary>
internal sealed class LeaseList
{
    private ConnectionLease? _newest;

    public int Count { get; private set; }

    public ConnectionLease? Oldest { get; private set; }

    public void Add(ConnectionLease lease)
    {
        lease.Older = _newest;
        if (_newest is null)
        {
            Oldest = lease;
        }
        else
        {
            _newest.Newer = lease;
        }

        _newest = lease;
        Count++;
    }

    public void Remove(ConnectionLease lease)
    {
        if (lease.Older is { } older)
        {
            older.Newer = lease.Newer;
        }
        else
        {
            Oldest = lease.Newer;
        }

        if (lease.Newer is { } newer)
        {
            newer.Older = lease.Older;
        }
        else
        {
            _newest = lease.Older;
        }

        lease.Older = lease.Newer = null;
        Count--;
    }
}
