namespace Gateway.Ftps.Protocol;

/// <summary>Lines of LIST, which RFC 959 leaves to the server: those of <c>ls -l</c>, and those of DOS.</summary>
internal sealed class ListParser(TimeProvider time)
{
    /// <returns>False where the line is neither an entry nor known decoration.</returns>
    public bool TryParse(ReadOnlySpan<byte> line, out FtpEntry entry) =>
        UnixListParser.TryParse(line, time.GetUtcNow(), out entry) || DosListParser.TryParse(line, out entry);

    /// <summary>Whether the line only decorates a listing: <c>total 12</c>.</summary>
    public static bool IsDecoration(ReadOnlySpan<byte> line) =>
        line.IsEmpty || (line.StartsWith("total "u8) && line[6..].TrimStart((byte)' ') is [>= (byte)'0' and <= (byte)'9', ..]);
}
