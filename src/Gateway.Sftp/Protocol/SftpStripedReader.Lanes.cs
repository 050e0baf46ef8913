namespace Gateway.Sftp.Protocol;

/// <content>The connections: which of them is asked, and what happens to what one of them owes when it is out.</content>
internal sealed partial class SftpStripedReader
{
    /// <summary>A connection that says nothing for so long while others answer is done without.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly List<SftpReadLane> _lanes = [];
    private readonly int _readSize;
    private bool _hasLost;
    private Exception? _lastLoss;

    /// <summary>Reads over one more connection.</summary>
    public void Add(SftpChannel channel, SftpHandle handle)
    {
        lock (_gate)
        {
            // The server's habit, learned on one connection, is that of all.
            channel.LearnReadSize(_readSize);
            _lanes.Add(new SftpReadLane(channel, handle));
        }
    }

    /// <summary>Reads over that one no more. On return nothing more is asked for there.</summary>
    public void Remove(SftpChannel channel, SftpHandle handle)
    {
        lock (_gate)
        {
            if (_lanes.Find(lane => lane.Channel == channel && lane.Handle == handle) is { } lane)
            {
                Lose(lane);
            }
        }
    }

    private SftpReadLane? ChooseLane()
    {
        SftpReadLane? best = null;
        foreach (var lane in _lanes)
        {
            best = best is null || lane.Owed < best.Owed ? lane : best;
        }

        return best;
    }

    private bool TryAsk(SftpReadLane lane, long offset, int length, out SftpRequest request)
    {
        try
        {
            request = lane.Channel.Read(lane.Handle, offset, length);
            ReadAhead.Add(length);
            lane.HasUnsent = true;
            return true;
        }
        catch (SftpChannelException loss)
        {
            Lose(lane);
            _lastLoss = loss;
            request = null!;
            return false;
        }
    }

    /// <summary>What lanes that are out have not answered is asked for elsewhere.</summary>
    private void AskElsewhere()
    {
        _hasLost = false;
        foreach (var piece in _pieces)
        {
            // The reply is here, or a failure that shows when it is waited for.
            if (piece.Lane.IsOut && !(piece.Request.IsDone && piece.Request.ReplyType == SftpPacketType.Data))
            {
                AskAgain(piece);
            }
        }
    }

    private void AskAgain(SftpReadPiece piece)
    {
        SftpRequest request;
        var lane = piece.Lane.IsOut ? ChooseLane() ?? throw NothingLeft() : piece.Lane;
        while (!TryAsk(lane, piece.Offset, Math.Min(piece.Length, lane.Channel.ReadSize), out request))
        {
            lane = ChooseLane() ?? throw NothingLeft();
        }

        Release(piece.Request);
        (piece.Lane, piece.Request) = (lane, request);
        lane.Owed += piece.Length;
    }

    private Exception NothingLeft() => _lastLoss ?? new SftpChannelException(new IOException("No connection is left to read the file over."));

    /// <summary>A lane is used no more. Nothing is asked for here: another thread than the caller's may do this.</summary>
    private void Lose(SftpReadLane lane)
    {
        lane.IsOut = true;
        _lanes.Remove(lane);
        _hasLost = true;
        foreach (var piece in _pieces)
        {
            if (piece.Lane == lane && !piece.Request.IsDone)
            {
                piece.Request.Leave(new SftpChannelException(new IOException("The connection is not used for this file any more.")));
            }
        }
    }

    /// <summary>A connection that owes the next bytes and says nothing, while another could have sent them: a dead line, most likely.</summary>
    private void LookForSilence()
    {
        lock (_gate)
        {
            if (_awaited is { } head && !head.Lane.IsOut && !head.Request.IsDone && head.Lane.Channel.Silence > Patience
                && _lanes.Exists(lane => lane != head.Lane && (lane.Channel.Owed == 0 || lane.Channel.Silence < Patience / 2)))
            {
                Lose(head.Lane);
            }
        }
    }
}
