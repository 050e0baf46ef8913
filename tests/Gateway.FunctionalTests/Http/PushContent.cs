using System.Net;

namespace Gateway.FunctionalTests.Http;

/// <summary>A body of unknown length that the test writes as it likes.</summary>
internal sealed class PushContent(Func<Stream, Task> write) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
