using System.Text;
using System.Text.Json;
using Gateway.Api.Access;
using Gateway.Api.Directories;
using Gateway.Api.Directories.Zip;
using Gateway.Api.Errors;
using Gateway.Api.Hosting;
using Gateway.Api.Streaming;
using Gateway.Broker.Backends;
using Microsoft.Extensions.Primitives;

namespace Gateway.Fuzz.Targets;

/// <summary>What callers send: paths, headers, patterns and documents.</summary>
internal static class HttpTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        new("path", input => Run(() => ReadPath(input))) { Words = ["%2e", "%2F", "..", "/", "%00", "%c0%ae", "%25", "\\", "%ef%bc%8f", "%"] },
        new("range", input => Run(() => ReadRange(input))) { Words = ["bytes=", "-", ",", "0-", "9223372036854775807", "18446744073709551616"] },
        new("digest", input => Run(() => ReadDigest(input))) { Words = ["sha-256=", ":", "sha-512=10", ", ", ";a=1", "(", ")", "?1", "@1", "%\"", "\""] },
        new("glob", input => Run(() => ReadPattern(input))) { Words = ["*", "?", "[a-z]", "[!", "]", "\\", "a", "*a", "\n"], BytesPerByte = 2000 },
        new("grants", input => Run(() => ReadGrant(input))) { Words = ["/**", "/*", "**", "*", "/a", "\n", "*a*b", "/"], BytesPerByte = 2000 },
        new("json", input => Run(() => ReadDocument(input))) { Words = ["{", "}", "\"from\":", "\"to\":", "\"/a\"", ",", "true", "null", "[[[[", "1e400", "\\ud800"] },
        new("names", input => Run(() => ShowName(input))) { Words = ["..", "\\", "C:", ". ", "\"", "%", "\u202e", "\r\n", "ä"], BytesPerByte = 1000 },
    ];

    private static ValueTask Run(Action act)
    {
        act();
        return ValueTask.CompletedTask;
    }

    private static void ReadPath(byte[] input)
    {
        // Kestrel lets nothing but printable ASCII through in a target.
        var encoded = string.Concat(input.Select(value => (char)(value & 0x7F)).Where(c => c > ' '));
        var hasDots = RequestTarget.HasDotSegment(encoded);
        if (!RequestTarget.TryDecode(encoded, out var text, out var reason))
        {
            FuzzFailure.Unless(reason.Length > 0, "A refusal without a reason.");
            return;
        }

        FuzzFailure.Unless(text.Count(c => c == '/') == encoded.Count(c => c == '/'), "Decoding makes or hides a slash.");
        FuzzFailure.Unless(hasDots == text.Split('/').Any(step => step is "." or ".."), "A dot segment is overlooked, or seen where none is.");
        if (!RemotePath.TryParse(text, out var path, out reason))
        {
            FuzzFailure.Unless(reason.Length > 0, "A refusal without a reason.");
            return;
        }

        Promises.OfPath(path);
        FuzzFailure.Unless(!hasDots, "A path with dots is accepted.");
        var again = string.Join('/', path.Value.Split('/').Select(Uri.EscapeDataString));
        FuzzFailure.Unless(
            RequestTarget.TryDecode(again, out text, out _) && RemotePath.TryParse(text, out var same, out _) && same == path, "A path that is encoded again is read as another.");
    }

    private static void ReadRange(byte[] input)
    {
        var header = Encoding.Latin1.GetString(input);
        foreach (var size in new[] { 0L, 1, 1000, RemoteEntry.MaxSize })
        {
            var kind = RangeHeader.Read(header, size, out var ranges);
            FuzzFailure.Unless((kind == RangeKind.Partial) == (ranges.Count > 0), "Ranges without a part, or parts without ranges.");
            FuzzFailure.Unless(ranges.Count <= RangeHeader.MaxRanges, "There are too many ranges.");
            FuzzFailure.Unless(ranges.All(range => range.Offset >= 0 && range.Length > 0 && range.End <= size), "A range leaves the file.");
            FuzzFailure.Unless(checked(ranges.Sum(range => range.Length)) <= size, "Ranges overlap.");
            if (kind == RangeKind.Partial)
            {
                var again = "bytes=" + string.Join(',', ranges.Select(range => $"{range.Offset}-{range.End - 1}"));
                _ = RangeHeader.Read(again, size, out var same);
                FuzzFailure.Unless(same.SequenceEqual(ranges), "Ranges that are written again are read as others.");
                FuzzFailure.Unless(ranges.Count < 2 || new MultipartRanges(ranges, size, "text/plain").Length > 0, "A body has no length.");
            }
        }
    }

    private static void ReadDigest(byte[] input)
    {
        var header = Encoding.Latin1.GetString(input);
        _ = StructuredFields.TryReadDictionary(header, []);
        _ = DigestAlgorithm.Preferred(header);
        try
        {
            _ = BodyDigests.Read(new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase)
            {
                ["Repr-Digest"] = header, ["Content-Digest"] = header, ["Digest"] = header, ["Content-MD5"] = header,
            });
        }
        catch (ProblemException)
        {
            // A refusal.
        }
    }

    private static void ReadPattern(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var cut = text.IndexOf('\n', StringComparison.Ordinal);
        var (pattern, name) = cut < 0 ? (text, text) : (text[..cut], text[(cut + 1)..]);
        name = name.Length > RemoteEntry.MaxListedBytes ? name[..RemoteEntry.MaxListedBytes] : name;
        if (Glob.TryParse(pattern, out var reason) is { } glob)
        {
            _ = glob.IsMatch(name);
        }
        else
        {
            FuzzFailure.Unless(reason.Length > 0, "A refusal without a reason.");
        }

        var literal = string.Concat(name.Select(c => c is '*' or '?' or '[' or ']' or '\\' ? "\\" + c : c.ToString()));
        if (literal.Length is > 0 and <= Glob.MaxLength)
        {
            FuzzFailure.Unless(Glob.TryParse(literal, out _)?.IsMatch(name) == true, "A name written as a pattern does not fit itself.");
        }
    }

    /// <summary>A pattern of a grant, and a path below it on the next line.</summary>
    private static void ReadGrant(byte[] input)
    {
        var lines = Encoding.UTF8.GetString(input).Split('\n', 2);
        if (!PathPattern.TryParse(lines[0], out var pattern, out var reason))
        {
            FuzzFailure.Unless(reason.Length > 0, "A refusal without a reason.");
            return;
        }

        var text = lines.Length > 1 ? lines[1] : lines[0];
        if (!RemotePath.TryParse(text, out var path, out _))
        {
            return;
        }

        var covers = pattern.Covers(path);
        FuzzFailure.Unless(!covers || !pattern.CoversAll || !path.IsRoot, "All below the root takes the root with it.");
        FuzzFailure.Unless(!covers || path.IsRoot || pattern.LeadsFrom(path.Parent), "A path is covered to which no way leads.");
        FuzzFailure.Unless(!pattern.CoversTree(path) || pattern.Covers(path.Append("x")), "A tree is covered, and what is in it is not.");
        if (!text.Contains('*', StringComparison.Ordinal))
        {
            FuzzFailure.Unless(
                PathPattern.TryParse(path.Value, out var literal, out _) ? literal.Covers(path) && !literal.Covers(path.Append("x")) : path.Value.Count(c => c == '/') > 60,
                "A path as a pattern is not about itself alone.");
        }
    }

    private static void ReadDocument(byte[] input)
    {
        var documents = GatewayJson.Documents;
        foreach (var type in new System.Text.Json.Serialization.Metadata.JsonTypeInfo[] { documents.MoveDocument, documents.EntryPatchDocument })
        {
            try
            {
                if (JsonSerializer.Deserialize(input, type) is { } document)
                {
                    _ = JsonSerializer.Serialize(document, type);
                }
            }
            catch (JsonException)
            {
                // The one that is answered with 400.
            }
        }
    }

    private static void ShowName(byte[] input)
    {
        var name = Encoding.UTF8.GetString(input);
        var shown = RemoteEntry.Escape(name);
        FuzzFailure.Unless(!shown.Any(char.IsControl) && !shown.Contains('/', StringComparison.Ordinal), "A name that is shown has a control character or a slash.");
        Promises.OfLine(LoggedText.Of(name));
        var (admitted, isAddressable) = RemoteEntry.Admit(name, isExact: true);
        if (!isAddressable)
        {
            return;
        }

        var header = ContentDisposition.Format(admitted);
        FuzzFailure.Unless(header.All(c => c is >= ' ' and <= '~'), "A header has what no header may hold.");
        var zipped = ZipName.Of("", admitted);
        FuzzFailure.Unless(
            !zipped.StartsWith('/') && !zipped.Contains('\\', StringComparison.Ordinal) && zipped.Trim(' ', '.').Length > 0, "A name leads out of an archive.");
    }
}
