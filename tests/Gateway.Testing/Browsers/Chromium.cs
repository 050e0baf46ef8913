using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Testing.Servers;

namespace Gateway.Testing.Browsers;

/// <summary>A headless Chromium with one page, driven over the DevTools protocol. For one caller at a time.</summary>
public sealed partial class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>As <c>tests/servers.sh</c> looks for them.</summary>
    private static readonly string[] s_programs = ["chromium", "google-chrome", "chromium-browser"];

    private readonly TempFolder _folder;
    private readonly ServerProcess _process;
    private readonly ClientWebSocket _socket = new();
    private string? _session;
    private int _lastId;

    private Chromium(TempFolder folder, ServerProcess process) => (_folder, _process) = (folder, process);

    /// <summary>Starts a browser with a profile of its own.</summary>
    public static async Task<Chromium> StartAsync()
    {
        await ServerPackages.EnsureAsync("chromium");
        var folder = new TempFolder();
        var log = folder["chromium.log"];
        var process = ServerProcess.Start(
            [
                FindProgram(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--window-size=1400,1600", "--user-data-dir=" + folder.CreateFolder("profile"),
                "--remote-debugging-port=0", "about:blank",
            ],
            log,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = folder.Path });
        var browser = new Chromium(folder, process);
        try
        {
            await browser.ConnectAsync(log);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a page and waits until it is complete.</summary>
    public async Task NavigateAsync(Uri url)
    {
        await CallAsync("Page.navigate", new JsonObject { ["url"] = url.AbsoluteUri });
        await WaitForAsync($"location.href.startsWith({JsonSerializer.Serialize(url.AbsoluteUri)}) && document.readyState === 'complete'");
    }

    /// <summary>Runs the body of an async function in the page.</summary>
    /// <returns>What it returns, as JSON.</returns>
    /// <exception cref="InvalidOperationException">It threw.</exception>
    public async Task<JsonElement> RunAsync(string body)
    {
        var answer = await CallAsync("Runtime.evaluate", new JsonObject
        {
            ["expression"] = "(async () => { " + body + " })()",
            ["awaitPromise"] = true,
            ["returnByValue"] = true,
        });
        return answer.TryGetProperty("exceptionDetails", out var exception)
            ? throw new InvalidOperationException("The page threw: " + exception)
            : answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Waits until an expression is true in the page, also where that is the next page.</summary>
    public Task WaitForAsync(string expression) => Eventually.HoldsAsync(
        async () =>
        {
            try
            {
                return (await RunAsync($"return Boolean({expression});")).GetBoolean();
            }
            catch (InvalidOperationException e) when (e.Message.Contains("navigated or closed", StringComparison.Ordinal))
            {
                return false;
            }
        },
        expression);

    /// <summary>The page as it looks.</summary>
    /// <returns>A PNG file's bytes.</returns>
    public async Task<byte[]> TakePictureAsync() => (await CallAsync("Page.captureScreenshot", [])).GetProperty("data").GetBytesFromBase64();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string FindProgram() => s_programs.First(program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))));

    private async Task ConnectAsync(string log)
    {
        var watch = Stopwatch.StartNew();
        Match match;
        while (!(match = Announcement().Match(File.Exists(log) ? await File.ReadAllTextAsync(log) : "")).Success)
        {
            if (_process.HasExited || watch.Elapsed > Patience)
            {
                throw new InvalidOperationException("Chromium did not start: " + await File.ReadAllTextAsync(log));
            }

            await Task.Delay(20);
        }

        using var patience = new CancellationTokenSource(Patience);
        await _socket.ConnectAsync(new Uri(match.Groups[1].Value), patience.Token);
        var target = await CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        var attached = await CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target.GetProperty("targetId").GetString(), ["flatten"] = true });
        _session = attached.GetProperty("sessionId").GetString();
        await CallAsync("Page.enable", []);
    }

    private async Task<JsonElement> CallAsync(string method, JsonObject parameters)
    {
        using var patience = new CancellationTokenSource(Patience);
        var id = ++_lastId;
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            call["sessionId"] = _session;
        }

        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        while (true)
        {
            var message = await ReadAsync(patience.Token);
            if (message.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
            {
                return message.TryGetProperty("result", out var result)
                    ? result
                    : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{method}: {message}"));
            }
        }
    }

    private async Task<JsonElement> ReadAsync(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonDocument.Parse(message.ToArray()).RootElement;
    }

    [GeneratedRegex(@"DevTools listening on (ws://\S+)")]
    private static partial Regex Announcement();
}
