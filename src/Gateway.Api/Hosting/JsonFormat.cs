using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Api.Hosting;

/// <summary>How JSON is written.</summary>
internal static class JsonFormat
{
    /// <summary>
    /// Names of files stay readable. What the default encoder escapes besides is for JSON inside of HTML; these documents are
    /// their own media types, and every one is sent with <c>nosniff</c>.
    /// </summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>For <see cref="Utf8JsonWriter"/>.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = Encoder };
}
