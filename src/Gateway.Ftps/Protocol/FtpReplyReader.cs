using System.Text;

namespace Gateway.Ftps.Protocol;

/// <summary>
/// Reads replies (RFC 959, 4.2). Strict, because a reply taken for another's gives empty listings and lost files: everything that is
/// not a reply is an error, and every length is bounded.
/// </summary>
internal sealed class FtpReplyReader(Stream stream)
{
    /// <summary>Longest line in bytes: a path of 4095 bytes with every quote doubled, and words around it.</summary>
    public const int MaxLineBytes = 16 * 1024;

    /// <summary>Most lines in one reply. Banners and FEAT have tens.</summary>
    public const int MaxLines = 1000;

    /// <summary>Most characters in one reply: far more than any FEAT or help text has.</summary>
    public const int MaxCharacters = 128 * 1024;

    private byte[] _buffer = new byte[1024];
    private int _start;
    private int _end;

    /// <summary>Whether bytes were received that belong to no reply read so far.</summary>
    public bool HasUnread => _start < _end;

    /// <summary>Reads one reply to its last line.</summary>
    /// <exception cref="FtpException"><see cref="FtpFailure.Protocol"/>, <see cref="FtpFailure.ConnectionLost"/>.</exception>
    public async ValueTask<FtpReply> ReadAsync(CancellationToken cancellationToken)
    {
        var first = await ReadLineAsync(cancellationToken);
        var code = ParseCode(first);
        if (code == 0 || (first.Length > 3 && first[3] is not (' ' or '-')))
        {
            throw NotFtp(first);
        }

        var lines = new List<string>(1) { first.Length > 4 ? first[4..] : "" };
        if (first.Length > 3 && first[3] == '-')
        {
            await ReadRestAsync(code, lines, cancellationToken);
        }

        return new FtpReply(code, lines);
    }

    /// <summary>Up to the line that starts with the same code and a space; lines between may look like anything (RFC 959, 4.2).</summary>
    private async ValueTask ReadRestAsync(int code, List<string> lines, CancellationToken cancellationToken)
    {
        var characters = 0;
        while (true)
        {
            var line = await ReadLineAsync(cancellationToken);
            characters += line.Length;
            if (lines.Count == MaxLines || characters > MaxCharacters)
            {
                throw new FtpException(FtpFailure.Protocol, $"The server sent a reply of more than {MaxLines} lines or {MaxCharacters} characters.");
            }

            var isLast = ParseCode(line) == code && (line.Length == 3 || line[3] == ' ');
            lines.Add(isLast ? line[Math.Min(4, line.Length)..] : line);
            if (isLast)
            {
                return;
            }
        }
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = _buffer.AsSpan(_start, searched + end);
                _start += line.Length + 1;
                return Encoding.UTF8.GetString(line.EndsWith("\r"u8) ? line[..^1] : line);
            }

            searched = _end - _start;
            if (searched >= MaxLineBytes)
            {
                throw new FtpException(FtpFailure.Protocol, $"The server sent a reply line of more than {MaxLineBytes} bytes.");
            }

            MakeRoom();
            var received = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (received == 0)
            {
                throw new FtpException(FtpFailure.ConnectionLost, "The server closed the connection.");
            }

            _end += received;
        }
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length && _start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }

    private static int ParseCode(string line) =>
        line.Length >= 3 && line[0] is >= '1' and <= '5' && char.IsAsciiDigit(line[1]) && char.IsAsciiDigit(line[2])
            ? ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0')
            : 0;

    private static FtpException NotFtp(string line)
    {
        var sentence = line switch
        {
            _ when line.StartsWith("SSH-", StringComparison.Ordinal) => "The port speaks SSH, not FTP: use protocol sftp, or the port of the FTP server.",
            _ when line.StartsWith("HTTP/", StringComparison.Ordinal) || line.StartsWith('<') => "The port speaks HTTP, not FTP: check Host and Port.",
            _ => "The server sent something that is not an FTP reply: check Host and Port, and Ftps:Mode.",
        };
        return new FtpException(FtpFailure.Protocol, sentence) { Evidence = line.Length > 200 ? line[..200] : line };
    }
}
