namespace Gateway.Fuzz;

/// <summary>Ends the process, with the input saved, where one input takes far too long: a loop without end cannot be stopped otherwise.</summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Action<byte[], string> _save;
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private byte[]? _input;
    private long _since;

    /// <param name="save">Saves an input, with the reason.</param>
    public Watchdog(Action<byte[], string> save)
    {
        _save = save;
        _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>An input begins; null: it has ended.</summary>
    public void Watch(byte[]? input)
    {
        lock (_gate)
        {
            (_input, _since) = (input, Environment.TickCount64);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            if (_input is not null && Environment.TickCount64 - _since > Limit.TotalMilliseconds)
            {
                _save(_input, $"It took longer than {Limit.TotalSeconds} s.");
                Environment.Exit(1);
            }
        }
    }
}
