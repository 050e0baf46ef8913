using System.Globalization;
using System.Text;
using Gateway.Ftps;
using Gateway.Ftps.Protocol;

namespace Gateway.Fuzz.Targets;

/// <summary>Replies and listings of FTP servers.</summary>
internal static class FtpTargets
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    public static IEnumerable<FuzzTarget> All =>
    [
        // Reading a reply again takes another reader, whose buffer is a KiB: much for replies of five bytes.
        new("ftp-replies", ReadRepliesAsync) { BytesPerByte = 1000, Words = ["220-", "220 ", "\r\n", "211-Features\r\n", "150 "] },
        new("ftp-features", ReadFeaturesAsync) { Words = [" MLST ", "type*;", "size;", "UNIX.mode*;", "\r\n", " UTF8\r\n"] },
        new("mlsd", input => Run(() => ReadMachineLine(input))) { Words = ["type=", "file;", "dir;", "size=", "modify=20260101000000;", "UNIX.mode=0644;", "; ", ".."] },
        new("list", input => Run(() => ReadLine(input))) { Words = ["-rw-r--r-- ", "drwxr-xr-x ", "lrwxrwxrwx ", " Feb 29 ", " -> ", "<DIR>", "12:30PM", " 2026", "total "] },
        new("ftp-values", input => Run(() => ReadValues(input))) { Words = ["(|||", "|)", "227 ", "(127,0,0,1,", ",", "\"\"", "\"", "65536", "9223372036854775808"] },
    ];

    private static ValueTask Run(Action act)
    {
        act();
        return ValueTask.CompletedTask;
    }

    private static async ValueTask ReadRepliesAsync(byte[] input)
    {
        var reader = new FtpReplyReader(new MemoryStream(input));
        try
        {
            while (true)
            {
                var reply = await reader.ReadAsync(CancellationToken.None);
                OfReply(reply);
                var again = await new FtpReplyReader(new MemoryStream(Format(reply))).ReadAsync(CancellationToken.None);
                FuzzFailure.Unless(again.Code == reply.Code && again.Lines.SequenceEqual(reply.Lines, StringComparer.Ordinal), "A reply that is written again is read as another.");
            }
        }
        catch (FtpException)
        {
            // The one that is allowed; here it comes at the end of the input at the latest.
        }
    }

    private static void OfReply(FtpReply reply)
    {
        FuzzFailure.Unless(reply.Code is >= 100 and <= 599, "A code is impossible.");
        FuzzFailure.Unless(reply.Lines.Count is > 0 and <= FtpReplyReader.MaxLines + 1, "A reply has too many lines.");
        Promises.OfLine(reply.ToString());
        _ = FtpsErrors.ErrorOf(reply, new FtpCommand("RETR", "/a"));
    }

    private static byte[] Format(FtpReply reply)
    {
        var code = reply.Code.ToString(CultureInfo.InvariantCulture);
        var text = new StringBuilder();
        for (var i = 0; i < reply.Lines.Count; i++)
        {
            var isLast = i == reply.Lines.Count - 1;
            text.Append(isLast ? code + " " : i == 0 ? code + "-" : "").Append(reply.Lines[i]).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static ValueTask ReadFeaturesAsync(byte[] input)
    {
        var lines = Encoding.UTF8.GetString(input).Split("\r\n");
        var features = FtpFeatures.Parse(new FtpReply(211, ["Features", .. lines, "End"]));
        if (features.ChosenFacts is { } facts)
        {
            // It becomes a command.
            FuzzFailure.Unless(facts.Length <= 64 && !FtpCommand.HasControl(facts), "The facts to ask for are the server's own words.");
        }

        return ValueTask.CompletedTask;
    }

    private static void ReadMachineLine(byte[] input)
    {
        if (!MachineListingParser.TryParse(input, out var entry))
        {
            return;
        }

        OfEntry(entry);
        if (entry is { IsUtf8: true, Type: FtpEntryType.File, Size: { } size, Modified: { } modified })
        {
            var line = $"type=file;size={size};modify={FtpTime.Format(modified)};{(entry.Permissions is { } mode ? $"unix.mode={Convert.ToString(mode, 8)};" : "")} {entry.Name}";
            var isRead = MachineListingParser.TryParse(Encoding.UTF8.GetBytes(line), out var again);
            FuzzFailure.Unless(isRead && again == entry, "An entry that is written again is read as another.");
        }
    }

    private static void ReadLine(byte[] input)
    {
        if (UnixListParser.TryParse(input, s_now, out var entry) || DosListParser.TryParse(input, out entry))
        {
            OfEntry(entry);
        }

        _ = ListParser.IsDecoration(input);
    }

    private static void OfEntry(in FtpEntry entry)
    {
        FuzzFailure.Unless(entry.Size is null or >= 0, "A size is negative.");
        FuzzFailure.Unless(entry.Type == FtpEntryType.Self || entry.Name is not ("." or ".."), "The folder itself is taken for an entry.");
        if (entry.Type != FtpEntryType.Self)
        {
            Promises.OfEntry(FtpsEntries.ToEntry(entry));
        }
    }

    private static void ReadValues(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        FuzzFailure.Unless(FtpValues.ParsePassive(text) is null or (> 0 and <= 65535), "A port is impossible.");
        FuzzFailure.Unless(FtpValues.ParseExtendedPassive(text) is null or (> 0 and <= 65535), "A port is impossible.");
        FuzzFailure.Unless(FtpValues.ParseSize(new FtpReply(213, [text])) is null or >= 0, "A size is negative.");
        _ = FtpValues.ParseTime(new FtpReply(213, [text]));
        if (FtpValues.ParseQuotedPath(text) is { } path)
        {
            var again = $"\"{path.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
            FuzzFailure.Unless(FtpValues.ParseQuotedPath(again) == path, "A path that is quoted again is read as another.");
        }

        if (FtpCommand.HasControl(text))
        {
            return;
        }

        var command = new FtpCommand("RETR", text).Encode();
        FuzzFailure.Unless(command.AsSpan().IndexOfAny((byte)'\r', (byte)'\n') == command.Length - 2, "A command has a line's end in it.");
    }
}
