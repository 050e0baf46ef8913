using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Api.Hosting;

/// <summary>How JSON is written: names of files readable, not as escapes; still nothing that a browser takes for markup.</summary>
internal static class JsonFormat
{
    /// <summary>The encoder.</summary>
    public static JavaScriptEncoder Encoder { get; } = JavaScriptEncoder.Create(UnicodeRanges.All);

    /// <summary>For <see cref="Utf8JsonWriter"/>.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = Encoder };
}
