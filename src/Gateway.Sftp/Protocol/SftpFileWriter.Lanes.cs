using System.Buffers;
using System.Runtime.ExceptionServices;

namespace Gateway.Sftp.Protocol;

/// <content>Further connections. The writer's own connection takes what they have no room for, so that it is never idle either.</content>
internal sealed partial class SftpFileWriter
{
    private readonly Lock _lanesGate = new();
    private readonly List<SftpWriteLane> _lanes = [];
    private readonly List<SftpWriteLane> _everUsed = [];
    private int _next;
    private int _laneCount;

    /// <summary>Writes over one more connection.</summary>
    public void Add(SftpWriteLane lane)
    {
        lock (_lanesGate)
        {
            _lanes.Add(lane);
            _everUsed.Add(lane);
            _laneCount = _lanes.Count;
        }
    }

    /// <summary>Writes there no more; a write that is being sent at this moment is the last.</summary>
    public void Remove(SftpWriteLane lane)
    {
        lock (_lanesGate)
        {
            _lanes.Remove(lane);
            _laneCount = _lanes.Count;
        }
    }

    /// <summary>Most WRITEs in flight on the own connection: beside others no more than go without waiting in a pipe.</summary>
    private int Window => Volatile.Read(ref _laneCount) == 0 ? _window : Math.Min(_window, SftpWriteLane.WindowOf(_channel));

    private bool HasRoom => _unacknowledged.Count < Window || _unacknowledged.Peek().IsDone;

    /// <returns>Bytes written on another connection; 0 where it is the own one's turn, or all have to wait.</returns>
    private async ValueTask<int> TryWriteOnLaneAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        ThrowLaneFailure();
        for (var turns = Volatile.Read(ref _laneCount); turns >= 0; turns--)
        {
            if (NextLane() is not { } lane)
            {
                if (HasRoom)
                {
                    return 0;
                }
            }
            else if (await lane.TryWriteAsync(data, Length, cancellationToken) is > 0 and var written)
            {
                Length += written;
                return written;
            }
        }

        return 0;
    }

    /// <returns>Whose turn it is; null for the own connection.</returns>
    private SftpWriteLane? NextLane()
    {
        lock (_lanesGate)
        {
            _next = (_next + 1) % (_lanes.Count + 1);
            return _next < _lanes.Count ? _lanes[_next] : null;
        }
    }

    /// <summary>The file is whole only if every write of every connection was confirmed.</summary>
    private void ThrowLaneFailure()
    {
        lock (_lanesGate)
        {
            // A long upload may be given a connection, and have it called back, many times.
            _everUsed.RemoveAll(static lane => lane.IsSettled);
            if (_everUsed.Find(lane => lane.Failure is not null) is { } lane)
            {
                ExceptionDispatchInfo.Throw(lane.Failure!);
            }
        }
    }
}
