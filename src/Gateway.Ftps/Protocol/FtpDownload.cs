using System.Runtime.CompilerServices;

namespace Gateway.Ftps.Protocol;

/// <summary>Bytes from the server: a file, or a listing.</summary>
internal sealed class FtpDownload : IAsyncDisposable
{
    private readonly FtpSession _session;
    private readonly FtpDataConnection _data;
    private bool _isAborted;

    public FtpDownload(FtpSession session, FtpDataConnection data)
    {
        _session = session;
        _data = data;
    }

    /// <summary>The reply that confirmed the whole transfer; null as long as it has not ended well.</summary>
    public FtpReply? Confirmation { get; private set; }

    /// <summary>Reads the next bytes.</summary>
    /// <returns>0 only after the server closed the data connection properly and confirmed the transfer.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (Confirmation is not null)
        {
            return 0;
        }

        int read;
        try
        {
            read = await _data.ReadAsync(buffer, cancellationToken);
        }
        catch (FtpException e) when (e.Failure == FtpFailure.Truncated)
        {
            // The server may know why; where it says nothing more, the session is over.
            _isAborted = true;
            await _data.DisposeAsync();
            await _session.TrySettleAsync();
            throw _data.Exchange.Answer is { Code: 425 or 522 } refusal
                ? FtpException.RefusedTransfer(_data.Exchange.Command, refusal)
                : new FtpException(e.Failure, e.Message, e) { Reply = _data.Exchange.Answer };
        }

        if (read == 0)
        {
            Confirmation = await _data.FinishReadingAsync(cancellationToken);
        }

        return read;
    }

    /// <summary>Ends the transfer in the middle. The control channel is settled by the next command, or by disposing.</summary>
    public async ValueTask AbortAsync()
    {
        if (!_isAborted && Confirmation is null)
        {
            _isAborted = true;
            await _session.InterruptAsync(_data.Exchange);
        }

        await _data.DisposeAsync();
    }

    /// <summary>A transfer in the middle is aborted, and the control channel settled or ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await AbortAsync();
        if (Confirmation is null)
        {
            await _session.TrySettleAsync();
        }
    }
}
