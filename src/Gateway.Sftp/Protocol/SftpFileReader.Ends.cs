namespace Gateway.Sftp.Protocol;

/// <content>How the reading ends: with the range, before it, or elsewhere.</content>
internal sealed partial class SftpFileReader
{
    /// <summary>
    /// Hands the reading over to another reader: from here on this one only keeps the file open, and closes it.
    /// </summary>
    /// <param name="inFlight">Gets the requests that were made, in the file's order; they are the other's to release.</param>
    /// <param name="consumed">Bytes of the first one's reply that were passed on.</param>
    /// <param name="next">The first byte that was not asked for.</param>
    /// <param name="end">The byte behind the range.</param>
    /// <returns>False, with nothing done, where the end is not known or the file is closed.</returns>
    public bool TryHandOver(Action<SftpRequest> inFlight, out int consumed, out long next, out long end)
    {
        (consumed, next, end) = (_consumed, _next, _end);
        if (!CanGoOnElsewhere)
        {
            return false;
        }

        _consumed = 0;
        Drain(inFlight);
        return true;
    }

    /// <summary>Ends the range behind what was asked for.</summary>
    /// <returns>The offset where it ends now; null, with nothing done, where all was asked for or the end is not known.</returns>
    public long? Curtail()
    {
        if (!CanGoOnElsewhere || _next >= _end)
        {
            return null;
        }

        return _end = _next;
    }

    public ValueTask DisposeAsync()
    {
        _failed = true;
        Drain(Release);
        if (!_closed)
        {
            _closed = true;
            CloseHandle();
        }

        return ValueTask.CompletedTask;
    }

    private bool CanGoOnElsewhere => !_closed && !_failed && _end != long.MaxValue;

    /// <summary>Gives away what was asked for, in the file's order.</summary>
    private void Drain(Action<SftpRequest> to)
    {
        if (_gap is not null)
        {
            to(_gap);
            _gap = null;
        }

        while (_inFlight.TryDequeue(out var request))
        {
            to(request);
        }
    }

    private void CloseHandle()
    {
        try
        {
            _channel.Close(_handle).Release();
            _channel.Flush();
        }
        catch (SftpChannelException)
        {
            // The handle died with its channel.
        }
    }
}
