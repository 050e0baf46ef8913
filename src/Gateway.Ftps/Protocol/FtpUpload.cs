using System.Buffers;

namespace Gateway.Ftps.Protocol;

/// <summary>Bytes to the server.</summary>
internal sealed class FtpUpload : IAsyncDisposable
{
    private readonly FtpSession _session;
    private readonly FtpDataConnection _data;
    private bool _isConfirmed;

    public FtpUpload(FtpSession session, FtpDataConnection data)
    {
        _session = session;
        _data = data;
    }

    /// <summary>Sends the next bytes; they are on their way when this returns.</summary>
    public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken) => _data.WriteAsync(data, cancellationToken);

    /// <summary>Sends the end, and waits until the server confirmed the whole transfer.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await _data.FinishWritingAsync(cancellationToken);
        _isConfirmed = true;
    }

    /// <summary>A transfer in the middle is aborted, and the control channel settled or ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _data.DisposeAsync();
        if (!_isConfirmed)
        {
            await _session.TrySettleAsync();
        }
    }
}
