using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Broker.Backends;
using Gateway.Ftps.Protocol;

namespace Gateway.Ftps;

/// <summary>A file open for reading: each selected range is a RETR of its own.</summary>
internal sealed class FtpsReadStream : RemoteReadStream
{
    /// <summary>What is left behind a range is rather read than cut off up to this size: a cut costs some servers' connections.</summary>
    private const long MaxRest = 256 * 1024;

    private static readonly TimeSpan RestTimeout = TimeSpan.FromSeconds(2);

    private readonly FtpsConnection _connection;
    private readonly RemotePath _path;
    private FtpDownload? _download;
    private long _offset;
    private long? _length;
    private long? _remaining;
    private bool _isStarted;
    private bool _isComplete;

    public FtpsReadStream(FtpsConnection connection, RemotePath path, RemoteEntry entry)
    {
        _connection = connection;
        _path = path;
        Entry = entry;
    }

    public override RemoteEntry Entry { get; }

    public override int PreferredReadSize => 255 * 1024;

    public override void SelectRange(long offset, long? length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Entry.Size ?? long.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        if (_isStarted && !_isComplete)
        {
            throw new InvalidOperationException("A range is being read.");
        }

        _offset = offset;
        _length = length;
        _isStarted = _isComplete = false;
    }

    public override async ValueTask<RemoteEntry> GetCurrentEntryAsync(CancellationToken cancellationToken)
    {
        if (_isStarted && !_isComplete)
        {
            throw new InvalidOperationException("A range is being read.");
        }

        await CloseAsync();
        return await _connection.GetEntryAsync(_path, followSymlink: true, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_isComplete)
        {
            return 0;
        }

        try
        {
            if (!_isStarted)
            {
                await StartAsync(cancellationToken);
            }

            return _remaining == 0 ? await EndAsync(cancellationToken) : await ReadDataAsync(buffer, cancellationToken);
        }
        catch (Exception e)
        {
            throw _connection.Explain(e, _path, cancellationToken);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_download is null)
        {
            return;
        }

        try
        {
            if (_remaining == 0 && IsRestShort)
            {
                using var limit = _connection.CreateLimit(RestTimeout);
                await ReadRestAsync(_download, limit.Token);
            }
        }
        catch (Exception)
        {
            // Aborted instead.
        }

        await CloseAsync();
    }

    /// <summary>Where the range ends, or null where the file's end is not known.</summary>
    private long? RangeEnd => (_length, Entry.Size) switch
    {
        ({ } length, { } size) => Math.Min(_offset + length, size),
        ({ } length, null) => _offset + length,
        (null, { } size) => size,
        _ => null,
    };

    private bool IsWholeFile => _offset == 0 && (_length is null || RangeEnd == Entry.Size);

    private bool IsRestShort => Entry.Size - RangeEnd <= MaxRest;

    private async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await CloseAsync();
        _isStarted = true;
        _remaining = RangeEnd - _offset;
        if (_remaining == 0 && !IsWholeFile)
        {
            return;
        }

        _download = await _connection.OpenDownloadAsync(_path, _offset, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadDataAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.Length > _remaining)
        {
            buffer = buffer[..(int)_remaining.Value];
        }

        var read = await _download!.ReadAsync(buffer, cancellationToken);
        if (read > 0)
        {
            _remaining -= read;
            return read;
        }

        _isComplete = true;
        return _remaining is null or 0
            ? 0
            : throw new BackendException(BackendError.ProtocolError, $"The file ended {_remaining} bytes before its announced size: it changed while it was read. Repeat the request.") { Path = _path };
    }

    /// <summary>All bytes of the range are here. At the file's end the server confirms it; a range in the middle is cut off.</summary>
    private async ValueTask<int> EndAsync(CancellationToken cancellationToken)
    {
        _isComplete = true;
        if (_download is not null && IsRestShort)
        {
            await ReadRestAsync(_download, cancellationToken);
        }
        else if (_download is not null)
        {
            await _download.AbortAsync();
        }

        return 0;
    }

    /// <summary>Bounded: a file that grew while it was read is cut off at the size it had.</summary>
    private static async ValueTask ReadRestAsync(FtpDownload download, CancellationToken cancellationToken)
    {
        var rest = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            long total = 0;
            while (await download.ReadAsync(rest, cancellationToken) is > 0 and var read)
            {
                total += read;
                if (total > MaxRest)
                {
                    await download.AbortAsync();
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rest);
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_download is not null)
        {
            await _download.DisposeAsync();
            _download = null;
            _connection.BreakIfEnded();
        }
    }
}
