using System.Diagnostics.CodeAnalysis;

namespace Gateway.Sftp.Protocol;

/// <summary>
/// Requests in the order in which they were made, each in one queue at the most: they are linked with each other, so that a queue costs a small
/// file nothing. A field of its owner, never copied.
/// </summary>
internal struct SftpRequestQueue
{
    private SftpRequest? _first;
    private SftpRequest? _last;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The oldest; null where there is none.</summary>
    public readonly SftpRequest? First => _first;

    /// <summary>The newest; null where there is none.</summary>
    public readonly SftpRequest? Last => _last;

    /// <summary>Adds the newest.</summary>
    public void Enqueue(SftpRequest request)
    {
        if (_last is null)
        {
            _first = request;
        }
        else
        {
            _last.Next = request;
        }

        _last = request;
        Count++;
    }

    /// <summary>Takes the oldest out.</summary>
    public bool TryDequeue([NotNullWhen(true)] out SftpRequest? request)
    {
        request = _first;
        if (request is null)
        {
            return false;
        }

        _first = request.Next;
        _last = _first is null ? null : _last;
        request.Next = null;
        Count--;
        return true;
    }
}
