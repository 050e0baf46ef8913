namespace Gateway.Ftps.Protocol;

/// <summary>One command and the replies that it is owed: any 1xx first, then exactly one other.</summary>
internal sealed class FtpExchange(FtpCommand command)
{
    private const int MaxPreliminary = 16;

    private readonly TaskCompletionSource<FtpReply> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<FtpReply> _final = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _preliminary;

    public FtpCommand Command => command;

    /// <summary>The first reply of any kind.</summary>
    public Task<FtpReply> First => _first.Task;

    /// <summary>The reply that ends the exchange.</summary>
    public Task<FtpReply> Final => _final.Task;

    /// <summary>The reply that ended the exchange; null as long as there is none.</summary>
    public FtpReply? Answer { get; private set; }

    /// <summary>Why there will be no reply; null as long as there may be one.</summary>
    public FtpException? Failure { get; private set; }

    /// <summary>Takes a reply.</summary>
    /// <returns>Whether the exchange has ended.</returns>
    public bool Take(FtpReply reply)
    {
        if (reply.IsPreliminary)
        {
            if (++_preliminary > MaxPreliminary)
            {
                throw FtpException.Unexpected(command, reply);
            }

            _first.TrySetResult(reply);
            return false;
        }

        Answer = reply;
        _final.TrySetResult(reply);
        _first.TrySetResult(reply);
        return true;
    }

    public void Fail(FtpException reason)
    {
        Failure = reason;
        _final.TrySetException(reason.Copy());
        _first.TrySetException(reason.Copy());

        // Nobody may be waiting any more; looking at the exception marks it as seen.
        _ = _final.Task.Exception;
        _ = _first.Task.Exception;
    }
}
