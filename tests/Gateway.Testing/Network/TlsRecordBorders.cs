namespace Gateway.Testing.Network;

/// <summary>Finds the borders of TLS records (RFC 8446 section 5.1) in one direction of a connection.</summary>
internal sealed class TlsRecordBorders
{
    private const int HeaderLength = 5;

    private int _header;
    private int _length;
    private int _left;

    /// <summary>Whether the next byte starts a record.</summary>
    public bool IsAtBorder => _header == 0 && _left == 0;

    public void Advance(byte value)
    {
        if (_left > 0)
        {
            _left--;
            return;
        }

        if (_header >= 3)
        {
            _length = (_length << 8) | value;
        }

        if (++_header == HeaderLength)
        {
            _left = _length;
            _length = 0;
            _header = 0;
        }
    }
}
