using System.Text;

namespace Gateway.Sftp.Transport;

/// <summary>
/// ssh's stderr: follows the phase of the login line by line, and keeps the first and the last 8 KiB of the text.
/// </summary>
/// <remarks>
/// With jump hosts, the children of the chain share one stderr. They log in one after the other, the first jump host first, so that
/// the count of logins tells whose turn it is. Lines that a server can write (banners, messages of its shell) come only after its
/// host key was accepted, and cannot turn the phase back.
/// </remarks>
internal sealed class SshLog
{
    private const int HeadSize = 8 * 1024;
    private const int TailSize = 8 * 1024;
    private const int LongestLine = 4 * 1024;

    private readonly Lock _lock = new();
    private readonly int _logins;
    private readonly StringBuilder _head = new();
    private readonly Queue<string> _tail = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly char[] _characters = new char[Encoding.UTF8.GetMaxCharCount(4096)];
    private readonly StringBuilder _line = new();
    private readonly TaskCompletionSource _greetingAwaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _tailLength;
    private int _droppedLines;

    /// <param name="logins">How many servers are logged in to, jump hosts included.</param>
    public SshLog(int logins) => _logins = logins;

    /// <summary>The phase of the login that is under way.</summary>
    public SshPhase Phase { get; private set; }

    /// <summary>Which server of the chain is being logged in to.</summary>
    public int Hop { get; private set; }

    /// <summary>Completes when a server is connected and its greeting awaited.</summary>
    public Task GreetingAwaited => _greetingAwaited.Task;

    /// <summary>Completes when the first server has sent its greeting.</summary>
    public Task Greeted => _greeted.Task;

    /// <summary>Completes when the login at the target has succeeded.</summary>
    public Task Ready => _ready.Task;

    /// <summary>The text so far, lines ended by a line feed.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
            {
                var gap = _droppedLines > 0 ? $"[{_droppedLines} lines left out]\n" : "";
                return $"{_head}{gap}{string.Concat(_tail)}{_line}";
            }
        }
    }

    /// <summary>Takes the next bytes, at most 4 KiB.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var count = _decoder.GetChars(bytes, _characters, flush: false);
            foreach (var c in _characters.AsSpan(0, count))
            {
                if (c == '\n')
                {
                    EndLine();
                }
                else if (c != '\r' && _line.Length < LongestLine)
                {
                    _line.Append(c);
                }
            }
        }
    }

    private void EndLine()
    {
        var line = _line.ToString();
        _line.Clear();
        Follow(line);
        Keep(line + "\n");
    }

    private void Follow(string line)
    {
        if (Phase == SshPhase.Ready)
        {
            return;
        }

        if (Phase == SshPhase.Connecting
            && (line.StartsWith("debug1: Connection established.", StringComparison.Ordinal) || Hop > 0))
        {
            Phase = SshPhase.Greeting;
            _greetingAwaited.TrySetResult();
        }

        if (Phase == SshPhase.Greeting && line.StartsWith("debug1: Remote protocol version ", StringComparison.Ordinal))
        {
            Phase = SshPhase.KeyExchange;
            _greeted.TrySetResult();
        }

        if (Phase == SshPhase.KeyExchange && line.StartsWith("debug1: SSH2_MSG_NEWKEYS received", StringComparison.Ordinal))
        {
            Phase = SshPhase.Authenticating;
        }

        if (Phase == SshPhase.Authenticating && line.StartsWith("Authenticated to ", StringComparison.Ordinal))
        {
            if (Hop == _logins - 1)
            {
                Phase = SshPhase.Ready;
                _ready.TrySetResult();
            }
            else
            {
                Hop++;
                Phase = SshPhase.Greeting;
            }
        }
    }

    private void Keep(string line)
    {
        if (_tailLength == 0 && _head.Length + line.Length <= HeadSize)
        {
            _head.Append(line);
            return;
        }

        _tail.Enqueue(line);
        _tailLength += line.Length;
        while (_tailLength > TailSize)
        {
            _tailLength -= _tail.Dequeue().Length;
            _droppedLines++;
        }
    }
}
