using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Gateway.Testing.Network;

/// <summary>One client's connection through a <see cref="TcpProxy"/>.</summary>
internal sealed class TcpProxyConnection : IDisposable
{
    private const int BlockSize = 64 * 1024;
    private const int Reset = -1;

    // A delay holds rate × time bytes: 64 MiB are a second at 64 MiB/s, and then the sender has to wait.
    private const int MaxBlocksHeld = 1024;

    private readonly Socket _client;
    private readonly Socket _server;
    private readonly Func<TimeSpan?> _idleLimit;
    private readonly CancellationTokenSource _ended = new();
    private long _lastPassed = Stopwatch.GetTimestamp();
    private volatile bool _isForgotten;

    /// <param name="client">Who connected.</param>
    /// <param name="server">What to connect to.</param>
    /// <param name="idleLimit">How long a connection without a byte is remembered; null: for ever.</param>
    public TcpProxyConnection(Socket client, Socket server, Func<TimeSpan?> idleLimit)
    {
        _idleLimit = idleLimit;
        _client = client;
        _server = server;
        client.NoDelay = true;
        server.NoDelay = true;
    }

    public async Task RunAsync(TcpProxyDirection? toServer, TcpProxyDirection? toClient)
    {
        var untouched = new TcpProxyDirection();
        await Task.WhenAll(
            PumpAsync(_client, _server, toServer ?? untouched),
            PumpAsync(_server, _client, toClient ?? untouched));
        End(reset: false);
    }

    /// <summary>Whether nothing passes any more, not even an end.</summary>
    public bool IsForgotten => _isForgotten;

    /// <summary>From now on whatever either side sends, its end too, is lost on the way, and neither is told.</summary>
    public void Forget() => _isForgotten = true;

    /// <summary>Forgets it where nothing passed for so long.</summary>
    public void ForgetIfIdle(TimeSpan? limit) =>
        _isForgotten |= limit is { } time && Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastPassed)) > time;

    public void Dispose() => _ended.Dispose();

    public void End(bool reset)
    {
        Socket[] sockets = [_client, _server];
        if (reset)
        {
            // Before the pumps are told, which close the sockets in the ordinary way.
            foreach (var socket in sockets)
            {
                try
                {
                    socket.LingerState = new LingerOption(true, 0);
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                }
            }
        }

        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        foreach (var socket in sockets)
        {
            socket.Dispose();
        }
    }

    private async Task PumpAsync(Socket source, Socket destination, TcpProxyDirection direction)
    {
        var blocks = Channel.CreateBounded<Block>(new BoundedChannelOptions(MaxBlocksHeld) { SingleReader = true, SingleWriter = true });
        var reading = ReadAsync(source, direction, blocks.Writer);
        try
        {
            await WriteAsync(destination, direction, blocks.Reader);
        }
        catch (SocketException)
        {
            // The destination is gone. What it sent before is still on its way back, and its end behind that.
            await DiscardAsync(blocks.Reader);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            End(reset: false);
        }

        await reading;
    }

    private async Task ReadAsync(Socket source, TcpProxyDirection direction, ChannelWriter<Block> blocks)
    {
        try
        {
            while (true)
            {
                await direction.WaitUntilThawedAsync(_ended.Token);
                var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
                var count = await source.ReceiveAsync(buffer.AsMemory(0, BlockSize), _ended.Token);
                await blocks.WriteAsync(new Block(buffer, count, Stopwatch.GetTimestamp()), _ended.Token);
                if (count == 0)
                {
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // A reset is passed on as one, behind what came before it.
            blocks.TryWrite(new Block([], Reset, Stopwatch.GetTimestamp()));
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
        }
        finally
        {
            blocks.Complete();
        }
    }

    private async Task WriteAsync(Socket destination, TcpProxyDirection direction, ChannelReader<Block> blocks)
    {
        var position = 0L;
        var records = new TlsRecordBorders();
        var isCut = false;
        await foreach (var block in blocks.ReadAllAsync(_ended.Token))
        {
            if (isCut)
            {
                ArrayPool<byte>.Shared.Return(block.Buffer);
                continue;
            }

            var rest = direction.Delay - Stopwatch.GetElapsedTime(block.ReceivedAt);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, _ended.Token);
            }

            await direction.WaitUntilThawedAsync(_ended.Token);
            ForgetIfIdle(_idleLimit());
            if (_isForgotten)
            {
                ArrayPool<byte>.Shared.Return(block.Buffer);
                continue;
            }

            Interlocked.Exchange(ref _lastPassed, Stopwatch.GetTimestamp());
            if (block.Count == Reset)
            {
                End(reset: true);
                return;
            }

            if (block.Count == 0)
            {
                destination.Shutdown(SocketShutdown.Send);
                return;
            }

            var data = block.Buffer.AsMemory(0, block.Count);
            Corrupt(data.Span, position, direction);
            if (direction.TakeCorruption())
            {
                data.Span[data.Length / 2] ^= 0x10;
            }

            if (FindCut(data.Span, position, direction, records) is { } length)
            {
                await SendAsync(destination, data[..length], direction);
                isCut = true;
                if (direction.Cut != TcpProxyCut.Swallow)
                {
                    End(direction.Cut == TcpProxyCut.Reset);
                    return;
                }

                destination.Shutdown(SocketShutdown.Send);
                continue;
            }

            await SendAsync(destination, data, direction);
            position += data.Length;
            ArrayPool<byte>.Shared.Return(block.Buffer);
        }
    }

    private async Task DiscardAsync(ChannelReader<Block> blocks)
    {
        try
        {
            await foreach (var block in blocks.ReadAllAsync(_ended.Token))
            {
                ArrayPool<byte>.Shared.Return(block.Buffer);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
        }
    }

    private async Task SendAsync(Socket destination, ReadOnlyMemory<byte> data, TcpProxyDirection direction)
    {
        while (!data.IsEmpty)
        {
            // At a low rate in small pieces, so that it is a slow line and not a series of bursts.
            var piece = direction.BytesPerSecond is { } rate ? data[..(int)Math.Clamp(rate / 50, 1, data.Length)] : data;
            while (!piece.IsEmpty)
            {
                var sent = await destination.SendAsync(piece, _ended.Token);
                direction.Count(sent);
                piece = piece[sent..];
                data = data[sent..];
                if (direction.BytesPerSecond is { } limit)
                {
                    await Task.Delay(TimeSpan.FromSeconds((double)sent / limit), _ended.Token);
                }
            }
        }
    }

    private static int? FindCut(ReadOnlySpan<byte> data, long position, TcpProxyDirection direction, TlsRecordBorders records)
    {
        if (!direction.CutAtTlsRecord)
        {
            return direction.CutAfter is { } after && position + data.Length >= after ? (int)Math.Max(after - position, 0) : null;
        }

        for (var i = 0; i < data.Length; i++)
        {
            if (direction.CutAfter is { } after && position + i >= after && records.IsAtBorder)
            {
                return i;
            }

            records.Advance(data[i]);
        }

        return null;
    }

    private static void Corrupt(Span<byte> data, long position, TcpProxyDirection direction)
    {
        if (direction.CorruptAfter is not { } after)
        {
            return;
        }

        var random = new Random(direction.CorruptionSeed);
        var target = after + random.Next(256) - position;
        var bit = 1 << random.Next(8);
        if (target >= 0 && target < data.Length)
        {
            data[(int)target] ^= (byte)bit;
        }
    }

    private readonly record struct Block(byte[] Buffer, int Count, long ReceivedAt);
}
