using System.Buffers;
using System.Text;

namespace Gateway.Ftps.Protocol;

/// <summary>
/// A folder read entry by entry as its lines arrive: with MLSD, else with LIST after CWD, because an argument of LIST is a pattern or an
/// option to some servers. Whatever is not understood, and an end without proof, is an error: never a shorter listing.
/// </summary>
internal sealed class FtpListing : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Lines that are no entries and are borne with: blank ones, totals, the folder itself and its parent.</summary>
    private const int MaxOtherLines = 1000;

    private readonly FtpSession _session;
    private readonly FtpDownload _download;
    private readonly ListParser? _parser;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private bool _sawSelf;
    private int _otherLines;
    private FtpEntry? _first;

    private FtpListing(FtpSession session, FtpDownload download, ListParser? parser)
    {
        _session = session;
        _download = download;
        _parser = parser;
    }

    /// <summary>Starts listing, up to the first entry.</summary>
    /// <param name="session">The session; nothing else may use it until the listing is disposed.</param>
    /// <param name="folder">Absolute path.</param>
    /// <param name="time">The clock that LIST's dates without a year are guessed with.</param>
    /// <param name="cancellationToken">The operation's.</param>
    public static async ValueTask<FtpListing> OpenAsync(FtpSession session, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        if (session.Features.MachineListings)
        {
            return await OpenAsync(session, new FtpCommand("MLSD", folder), parser: null, cancellationToken);
        }

        await session.DoAsync(new FtpCommand("CWD", folder), cancellationToken);
        if (session.Features.IsVsftpd || session.Features.IsUnix)
        {
            var all = await TryOpenWithDotsAsync(session, time, cancellationToken);
            if (all is not null)
            {
                return all;
            }
        }

        return await OpenAsync(session, new FtpCommand("LIST"), new ListParser(time), cancellationToken);
    }

    /// <summary>Reads the next entry.</summary>
    /// <returns>Null only after the server confirmed the whole listing.</returns>
    public async ValueTask<FtpEntry?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_first is { } first)
        {
            _first = null;
            return first;
        }

        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            var parsed = Parse(_buffer.AsSpan(line));
            if (parsed is { } entry && entry.Type != FtpEntryType.Self)
            {
                return entry;
            }

            _sawSelf |= parsed is not null;
            if (++_otherLines > MaxOtherLines)
            {
                throw Unreadable($"more than {MaxOtherLines} lines that name nothing in the folder", default);
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_download.Confirmation is null)
        {
            EndIfItRemembers(_session);
        }

        await _download.DisposeAsync();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    /// <summary>
    /// LIST leaves out names with a leading dot on most servers unless told <c>-a</c>. Then even an empty folder lists itself, so that a
    /// listing without anything is a folder that could not be read: vsftpd, ProFTPD and pure-ftpd all say 226 to that.
    /// </summary>
    /// <returns>Null where the server does not take the option.</returns>
    private static async ValueTask<FtpListing?> TryOpenWithDotsAsync(FtpSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        FtpListing listing;
        var command = new FtpCommand("LIST", "-a");
        try
        {
            listing = await OpenAsync(session, command, new ListParser(time), cancellationToken);
        }
        catch (FtpException e) when (e.Failure == FtpFailure.Refused && !session.Features.IsVsftpd)
        {
            return null;
        }

        if (listing._first is not null || listing._sawSelf)
        {
            return listing;
        }

        await listing.DisposeAsync();
        return session.Features.IsVsftpd ? throw FtpException.Refused(command, listing._download.Confirmation!) : null;
    }

    private static async ValueTask<FtpListing> OpenAsync(FtpSession session, FtpCommand command, ListParser? parser, CancellationToken cancellationToken)
    {
        FtpDataConnection data;
        try
        {
            data = await session.OpenDataAsync(command, prepare: null, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            EndIfItRemembers(session);
            throw;
        }

        var listing = new FtpListing(session, new FtpDownload(session, data), parser);
        try
        {
            listing._first = await listing.ReadAsync(cancellationToken);
            return listing;
        }
        catch
        {
            await listing.DisposeAsync();
            throw;
        }
    }

    /// <summary>What pure-ftpd had not sent yet of a listing that was broken off, it sends at the head of the next one.</summary>
    private static void EndIfItRemembers(FtpSession session)
    {
        if (session.Features.IsPureFtpd)
        {
            session.End(new FtpException(FtpFailure.ConnectionLost, "A listing was broken off, after which pure-ftpd cannot be trusted with another."));
        }
    }

    /// <returns>Where the next line lies in the buffer, without its end; null at the end of the listing.</returns>
    private async ValueTask<Range?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                length += searched;
                var start = _start;
                _start += length + 1;
                return start..(length > 0 && _buffer[start + length - 1] == '\r' ? start + length - 1 : start + length);
            }

            searched = _end - _start;
            if (searched >= FtpReplyReader.MaxLineBytes)
            {
                throw Unreadable("a line of more than 16 KiB", default);
            }

            _buffer.AsSpan(_start, searched).CopyTo(_buffer);
            _start = 0;
            _end = searched;
            var read = await _download.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read > 0)
            {
                _end += read;
                continue;
            }

            ThrowIfCutOff(_download.Confirmation!);
            _start = _end = 0;
            return searched == 0 ? null : 0..searched;
        }
    }

    private FtpEntry? Parse(ReadOnlySpan<byte> line)
    {
        if (_parser is null ? MachineListingParser.TryParse(line, out var entry) : _parser.TryParse(line, out entry))
        {
            return entry;
        }

        return (_parser is not null && ListParser.IsDecoration(line)) || line.IsEmpty ? null : throw Unreadable("a line that is no entry", line);
    }

    /// <summary>pure-ftpd stops at a number of entries (its option -L, 10,000 by default), and says so only in the text of its 226.</summary>
    private static void ThrowIfCutOff(FtpReply confirmation)
    {
        if (confirmation.ToString().Contains("truncated", StringComparison.OrdinalIgnoreCase))
        {
            throw new FtpException(FtpFailure.Unreadable, "The server cut the listing off at its own limit: raise that limit on the server (pure-ftpd: -L).") { Reply = confirmation };
        }
    }

    private static FtpException Unreadable(string what, ReadOnlySpan<byte> line) =>
        new(FtpFailure.Unreadable, $"The server's listing holds {what}.") { Evidence = Encoding.UTF8.GetString(line.Length > 200 ? line[..200] : line) };
}
