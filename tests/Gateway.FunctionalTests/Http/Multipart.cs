using System.Globalization;
using System.Text;

namespace Gateway.FunctionalTests.Http;

/// <summary>One part of a <c>multipart/byteranges</c> body.</summary>
/// <param name="ContentType">Its type.</param>
/// <param name="From">First byte.</param>
/// <param name="Size">Bytes of the whole file.</param>
/// <param name="Content">The bytes.</param>
internal sealed record Multipart(string ContentType, long From, long Size, byte[] Content)
{
    /// <summary>Takes a response apart, strictly: every byte of it has to belong somewhere.</summary>
    public static async Task<IReadOnlyList<Multipart>> ReadAsync(HttpResponseMessage response)
    {
        var type = response.Content.Headers.ContentType!;
        Assert.Equal("multipart/byteranges", type.MediaType);
        var boundary = type.Parameters.Single(parameter => parameter.Name == "boundary").Value!;
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(response.Content.Headers.ContentLength, body.Length);

        var parts = new List<Multipart>();
        var rest = body.AsMemory();
        for (var lead = $"--{boundary}\r\n"; !rest.Span.SequenceEqual(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n")); lead = $"\r\n--{boundary}\r\n")
        {
            rest = Skip(rest, lead);
            rest = Skip(rest, "Content-Type: ");
            var contentType = ReadLine(ref rest);
            rest = Skip(rest, "Content-Range: bytes ");
            var numbers = ReadLine(ref rest).Split('-', '/').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
            rest = Skip(rest, "\r\n");
            var length = (int)(numbers[1] - numbers[0] + 1);
            parts.Add(new Multipart(contentType, numbers[0], numbers[2], rest[..length].ToArray()));
            rest = rest[length..];
        }

        return parts;
    }

    private static Memory<byte> Skip(Memory<byte> rest, string text)
    {
        Assert.Equal(text, Encoding.ASCII.GetString(rest.Span[..Math.Min(text.Length, rest.Length)]));
        return rest[text.Length..];
    }

    private static string ReadLine(ref Memory<byte> rest)
    {
        var end = rest.Span.IndexOf("\r\n"u8);
        var line = Encoding.ASCII.GetString(rest.Span[..end]);
        rest = rest[(end + 2)..];
        return line;
    }
}
