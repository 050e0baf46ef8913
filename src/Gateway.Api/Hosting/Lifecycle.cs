namespace Gateway.Api.Hosting;

/// <summary>Whether the gateway takes requests, and how many are under way.</summary>
internal sealed class Lifecycle
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _draining;

    /// <summary>Whether new requests are refused because the gateway stops.</summary>
    public bool IsDraining
    {
        get
        {
            lock (_lock)
            {
                return _draining;
            }
        }
    }

    /// <summary>Counts a request in.</summary>
    /// <returns>False when the gateway stops; then nothing was counted.</returns>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_draining)
            {
                return false;
            }

            _running++;
            return true;
        }
    }

    /// <summary>Counts a request out.</summary>
    public void Exit()
    {
        bool isLast;
        lock (_lock)
        {
            _running--;
            isLast = _draining && _running == 0;
        }

        if (isLast)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>Refuses new requests from now on.</summary>
    /// <returns>How many still run, and a task that ends with the last of them.</returns>
    public (int Running, Task Drained) BeginDrain()
    {
        int running;
        lock (_lock)
        {
            _draining = true;
            running = _running;
        }

        if (running == 0)
        {
            _drained.TrySetResult();
        }

        return (running, _drained.Task);
    }
}
