using System.Globalization;

namespace Gateway.FunctionalTests.OpenApi;

/// <summary>A request that was made from the document.</summary>
/// <param name="Operation">What it is a request for.</param>
/// <param name="Target">Path and query, as they are written.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="ContentType">The type of its body; null where it has none.</param>
/// <param name="Body">Its body.</param>
internal sealed record ApiRequest(ApiOperation Operation, string Target, IReadOnlyList<(string Name, string Value)> Headers, string? ContentType, byte[]? Body)
{
    /// <summary>The message that goes out.</summary>
    public HttpRequestMessage ToMessage(Uri gateway)
    {
        var url = new Uri(gateway.AbsoluteUri.TrimEnd('/') + Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(Operation.Method), url) { Content = Body is null ? null : new ByteArrayContent(Body) };
        if (ContentType is not null)
        {
            message.Content?.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        foreach (var (name, value) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Operation.Method} {Target} [{string.Join("; ", Headers.Select(header => $"{header.Name}: {header.Value}"))}] {ContentType} {Body?.Length} bytes");
}
