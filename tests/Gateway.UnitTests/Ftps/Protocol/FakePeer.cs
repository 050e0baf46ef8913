using System.IO.Pipelines;
using System.Text;

namespace Gateway.UnitTests.Ftps.Protocol;

/// <summary>The other end of a control channel, without TLS and without a socket.</summary>
internal sealed class FakePeer : Stream
{
    private readonly Pipe _said = new();
    private readonly Pipe _heard = new();
    private readonly StreamReader _hearing;

    public FakePeer() => _hearing = new StreamReader(_heard.Reader.AsStream(), Encoding.UTF8);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Sends bytes to the channel.</summary>
    public async Task SayAsync(string text) => await _said.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>The next line that the channel sent.</summary>
    public async Task<string?> HearAsync() => await _hearing.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Closes the connection.</summary>
    public void HangUp() => _said.Writer.Complete();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _said.Reader.AsStream(leaveOpen: true).ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _heard.Writer.AsStream(leaveOpen: true).WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _said.Writer.Complete();
        _heard.Writer.Complete();
        base.Dispose(disposing);
    }
}
