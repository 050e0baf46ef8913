namespace Gateway.Benchmarks.Load;

/// <summary>Callers that asked for a large file and take a little of it now and then, as phones on a bad network do.</summary>
internal sealed class SlowReaders : IAsyncDisposable
{
    private const int Sip = 8 * 1024;
    private const int KernelBuffer = 64 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly List<Exchange> _exchanges;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _sipping;

    private SlowReaders(List<Exchange> exchanges)
    {
        _exchanges = exchanges;
        _sipping = SipAsync();
    }

    public static SlowReaders Start(Uri server, string target, int count)
    {
        var exchanges = Enumerable.Range(0, count).Select(_ => new Exchange(server, target, receiveBuffer: KernelBuffer)).ToList();
        exchanges.ForEach(exchange => exchange.Send());
        return new SlowReaders(exchanges);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _sipping;
        _ended.Dispose();
        _exchanges.ForEach(exchange => exchange.Dispose());
    }

    private async Task SipAsync()
    {
        var buffer = new byte[Sip];
        while (!_ended.IsCancellationRequested)
        {
            foreach (var exchange in _exchanges.Where(exchange => exchange.Socket.Available > 0))
            {
                exchange.Receive(buffer);
            }

            await Task.Delay(Pause).WaitAsync(_ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
