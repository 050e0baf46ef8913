namespace Gateway.Broker.Pooling;

/// <summary>First come, first served; leaving takes constant time. The pool's lock guards it.</summary>
internal sealed class WaiterLine
{
    private Waiter? _last;

    public int Count { get; private set; }

    public Waiter? First { get; private set; }

    public void Add(Waiter waiter)
    {
        waiter.IsInLine = true;
        waiter.Previous = _last;
        if (_last is null)
        {
            First = waiter;
        }
        else
        {
            _last.Next = waiter;
        }

        _last = waiter;
        Count++;
    }

    /// <returns>False where it was taken out before: somebody else decides how it ends.</returns>
    public bool Remove(Waiter waiter)
    {
        if (!waiter.IsInLine)
        {
            return false;
        }

        if (waiter.Previous is { } previous)
        {
            previous.Next = waiter.Next;
        }
        else
        {
            First = waiter.Next;
        }

        if (waiter.Next is { } next)
        {
            next.Previous = waiter.Previous;
        }
        else
        {
            _last = waiter.Previous;
        }

        waiter.IsInLine = false;
        waiter.Previous = waiter.Next = null;
        Count--;
        return true;
    }
}
