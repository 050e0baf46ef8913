namespace Gateway.Broker.Pooling;

/// <content>Which connection a lease is on.</content>
internal sealed partial class PoolLedger
{
    /// <summary>
    /// The choice of connection, all of it: the least loaded one with room, among idle ones the one used last, so that surplus ones
    /// stay idle and close. But requests that come and go within moments share the first connection that bears them. Their packets leave and arrive in fuller batches, and one pair of processes is woken up instead of all: with 64 callers
    /// of small files on two cores that is twice as many requests a second as over eight connections.
    /// </summary>
    private PooledConnection? PickConnection(TimeSpan now)
    {
        PooledConnection? best = null;
        foreach (var candidate in _connections)
        {
            if (candidate.Retiring is not null || !HasRoom(candidate) || candidate.Connection.IsBroken)
            {
                continue;
            }

            if (candidate.IsBrisk(now))
            {
                return candidate;
            }

            if (best is null || Weigh(candidate) < Weigh(best) || (Weigh(candidate) == Weigh(best) && candidate.LastUsedAt > best.LastUsedAt))
            {
                best = candidate;
            }
        }

        return best;
    }

    private bool HasRoom(PooledConnection connection) => connection.Load < Math.Min(LeasesPerConnection, connection.Connection.MaxLeases);
}
