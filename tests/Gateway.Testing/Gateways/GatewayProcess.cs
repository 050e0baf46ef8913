using System.Diagnostics;
using Gateway.Testing.Servers;

namespace Gateway.Testing.Gateways;

/// <summary>The gateway as a process of its own: for signals, environment variables, memory limits and exit codes.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private const int MaxLines = 20_000;

    private readonly Process _process;
    private readonly string? _startTime;
    private readonly Lock _lock = new();
    private readonly Queue<string> _output = [];
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayProcess(Process process)
    {
        _process = process;
        _startTime = ProcessTree.GetStartTime(process.Id);
    }

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>A client for it; once it listens.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>What it wrote, to both of its outputs; the last lines of it where it is long.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Starts a gateway and waits until it listens.</summary>
    /// <param name="environment">
    /// Variables: <c>Gateway__Backends__files__Host</c>, <c>GATEWAY_CONFIG</c>. Everybody is let in, unless something under
    /// <c>Gateway__Identity</c> is set.
    /// </param>
    /// <param name="arguments">Its command line.</param>
    public static Task<GatewayProcess> StartAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        StartFromAsync(AppContext.BaseDirectory, environment, arguments);

    /// <summary>The same for a gateway that was published to a folder.</summary>
    public static async Task<GatewayProcess> StartFromAsync(string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var gateway = Launch(folder, environment, ["--urls", "http://127.0.0.1:0", .. arguments]);
        try
        {
            var address = await gateway._address.Task.WaitAsync(TimeSpan.FromSeconds(60));
            gateway.Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
            return gateway;
        }
        catch (Exception exception)
        {
            await gateway.DisposeAsync();
            throw new InvalidOperationException("The gateway did not start: " + gateway.Output, exception);
        }
    }

    /// <summary>Runs a gateway that is expected to end by itself.</summary>
    /// <returns>Its exit code and what it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        await using var gateway = Launch(AppContext.BaseDirectory, environment, arguments);
        var exitCode = await gateway.WaitForExitAsync();
        return (exitCode, gateway.Output);
    }

    /// <summary>Asks it to stop, as Kubernetes does.</summary>
    public void Terminate() => ProcessTree.Signal(_process.Id, Sigterm);

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        Janitor.Forget(_process.Id, _startTime);
        Client?.Dispose();
        _process.Dispose();
    }

    private static GatewayProcess Launch(string folder, IReadOnlyDictionary<string, string?> environment, string[] arguments)
    {
        Janitor.EnsureRunning();
        var start = new ProcessStartInfo("dotnet") 
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.ArgumentList.Add(Path.Combine(folder, "Gateway.Api.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in GatewayEnvironment.LetEverybodyIn(environment, "__"))
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        Janitor.Watch(process.Id);
        var gateway = new GatewayProcess(process);
        process.OutputDataReceived += (_, line) => gateway.Read(line.Data);
        process.ErrorDataReceived += (_, line) => gateway.Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return gateway;
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _address.TrySetException(new InvalidOperationException("It ended."));
            return;
        }

        lock (_lock)
        {
            _output.Enqueue(line);
            if (_output.Count > MaxLines)
            {
                _output.Dequeue();
            }
        }

        const string Announcement = "Now listening on: ";
        if (line.IndexOf(Announcement, StringComparison.Ordinal) is >= 0 and var at)
        {
            _address.TrySetResult(new Uri(line[(at + Announcement.Length)..].Trim()));
        }
    }
}
