using System.Text;

namespace Gateway.UnitTests.Api.Logging;

/// <summary>A console of tests: what it was given, and a reader who may be stuck.</summary>
internal sealed class ConsoleStream : MemoryStream
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _released = new();

    /// <summary>Whether a write waits for <see cref="Release"/>.</summary>
    public bool IsStuck { get; init; }

    /// <summary>How many of the next writes fail.</summary>
    public int Failures { get; set; }

    /// <summary>How often it was written to.</summary>
    public int Writes { get; private set; }

    /// <summary>Ends with the first write.</summary>
    public Task Reached => _reached.Task;

    /// <summary>What was written.</summary>
    public string Text => Encoding.UTF8.GetString(ToArray());

    /// <summary>The reader reads again.</summary>
    public void Release() => _released.Set();

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Writes++;
        _reached.TrySetResult();
        if (IsStuck)
        {
            _released.Wait();
        }

        if (Failures-- > 0)
        {
            throw new IOException("No space left on device");
        }

        base.Write(buffer);
    }
}
