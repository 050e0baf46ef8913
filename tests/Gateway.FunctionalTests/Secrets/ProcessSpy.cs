using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Gateway.Testing.Servers;

namespace Gateway.FunctionalTests.Secrets;

/// <summary>Reads the arguments and the environment of every process that descends from one, again and again: some live for milliseconds.</summary>
internal sealed class ProcessSpy : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);
    private readonly int _processId;
    private readonly Task _watching;

    public ProcessSpy(int processId)
    {
        _processId = processId;
        _watching = Task.Factory.StartNew(Watch, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What was seen, each text once.</summary>
    public IReadOnlyCollection<string> Seen => [.. _seen.Keys];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private void Watch()
    {
        while (!_end.IsCancellationRequested)
        {
            foreach (var child in ProcessTree.GetDescendants(_processId))
            {
                Take(child, "cmdline");
                Take(child, "environ");
            }

            _end.Token.WaitHandle.WaitOne(5);
        }
    }

    private void Take(int process, string file)
    {
        try
        {
            var text = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/{file}")).Replace('\0', ' ');
            _seen.TryAdd($"{file}: {text}", true);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It has ended.
        }
    }
}
