using System.Buffers;
using System.Text;

namespace Gateway.Api.Logging;

/// <summary>
/// Text on its way to a stream, written by a thread of its own. The first line goes out at once; what comes within <see cref="Linger"/>
/// goes out together. Whoever writes waits while <see cref="MaxWaiting"/> bytes have not been taken: no line is lost to a slow reader.
/// </summary>
internal sealed class ConsoleSink : IDisposable
{
    /// <summary>In bytes.</summary>
    private const int MaxWaiting = 1024 * 1024;

    /// <summary>In bytes: what is kept through quiet times. As much as ten thousand requests a second say in the time of <see cref="Linger"/>, and more.</summary>
    private const int MaxKept = 256 * 1024;

    private const int FirstSize = 4096;

    /// <summary>How long a line may wait for others. Nobody watches a console more closely.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(10);

    /// <summary>How long the end waits for a reader who takes nothing.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly Stream _stream;
    private readonly Thread _thread;
    private ArrayBufferWriter<byte> _gathered = new(FirstSize);
    private ArrayBufferWriter<byte> _written = new(FirstSize);

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">The stream; disposed with this.</param>
    public ConsoleSink(Stream stream)
    {
        _stream = stream;
        _thread = new Thread(Run) { IsBackground = true, Name = "console" };
        _thread.Start();
    }

    /// <summary>Adds text. After the end it is left out.</summary>
    public void Write(StringBuilder text)
    {
        // In one piece: a character may lie across two chunks.
        var characters = ArrayPool<char>.Shared.Rent(text.Length);
        text.CopyTo(0, characters, text.Length);
        Write(characters.AsSpan(0, text.Length));
        ArrayPool<char>.Shared.Return(characters);
    }

    private void Write(ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            while (_gathered.WrittenCount >= MaxWaiting && !_ended.IsSet)
            {
                Monitor.Wait(_gate);
            }

            if (_ended.IsSet)
            {
                return;
            }

            var isFirst = _gathered.WrittenCount == 0;
            Encoding.UTF8.GetBytes(text, _gathered);
            if (isFirst)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Writes what is left and closes the stream. At most once.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_ended.IsSet)
            {
                return;
            }

            _ended.Set();
            Monitor.PulseAll(_gate);
        }

        if (_thread.Join(Farewell))
        {
            _stream.Dispose();
            _ended.Dispose();
        }
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_gathered.WrittenCount == 0 && !_ended.IsSet)
                {
                    Monitor.Wait(_gate);
                }

                if (_gathered.WrittenCount == 0)
                {
                    return;
                }

                (_gathered, _written) = (_written, _gathered);
                Monitor.PulseAll(_gate);
            }

            try
            {
                _stream.Write(_written.WrittenSpan);
                _stream.Flush();
            }
            catch (IOException)
            {
                // A full disk behind the redirection, for one: there is nobody to tell, and requests go on.
            }

            // While many lines come a buffer is needed again at once, and making it would cost more than the lines do.
            if (_written.Capacity > MaxKept && _written.WrittenCount < MaxKept / 4)
            {
                _written = new ArrayBufferWriter<byte>(FirstSize);
            }

            _written.ResetWrittenCount();
            _ended.Wait(Linger);
        }
    }
}
