using System.Net;

namespace Gateway.Testing.Faults;

/// <summary>A request body with the bytes of a <see cref="FileVersion"/>, made as they are sent; it may end its sending early.</summary>
/// <param name="version">What to send.</param>
/// <param name="stopAfter">How many bytes to send at most; then it waits until it is cancelled. Null: all.</param>
/// <param name="stopped">Called when it stops.</param>
internal sealed class VersionContent(FileVersion version, int? stopAfter = null, Action? stopped = null) : HttpContent
{
    private const int PieceSize = 64 * 1024;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var piece = new byte[PieceSize];
        var end = Math.Min(stopAfter ?? version.Length, version.Length);
        for (var offset = 0; offset < end; offset += PieceSize)
        {
            var part = piece.AsMemory(0, Math.Min(PieceSize, end - offset));
            version.Fill(offset, part.Span);
            await stream.WriteAsync(part, cancellationToken);
        }

        if (stopAfter is not null)
        {
            await stream.FlushAsync(cancellationToken);
            stopped?.Invoke();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = version.Length;
        return true;
    }
}
