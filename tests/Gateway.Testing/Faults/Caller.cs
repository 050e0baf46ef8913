using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Gateway.Testing.Faults;

/// <summary>
/// One app: it lists, reads, writes, moves and deletes in a folder of its own, one request after the other, sometimes leaves or stalls,
/// and compares every answer with what it knows.
/// </summary>
internal sealed class Caller
{
    /// <summary>Longer than every timeout of the gateway together, so that only a hang takes so long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(45);

    private const int MaxFiles = 6;

    private readonly FaultBackend _backend;
    private readonly HttpClient _client;
    private readonly FaultTally _tally;
    private readonly Random _random;
    private readonly string _folder;
    private readonly FileVersion _shared;
    private readonly List<CallerFile> _files = [];
    private readonly List<CallerFile> _retired = [];
    private int _names;
    private int _failures;

    /// <param name="backend">Whose files.</param>
    /// <param name="client">How to reach the gateway.</param>
    /// <param name="tally">Counts.</param>
    /// <param name="shared">The content of <see cref="SharedFile"/>.</param>
    /// <param name="number">Its own, in the run.</param>
    /// <param name="seed">Chooses what it does.</param>
    public Caller(FaultBackend backend, HttpClient client, FaultTally tally, FileVersion shared, int number, int seed)
    {
        _backend = backend;
        _client = client;
        _tally = tally;
        _random = new Random(seed);
        _folder = string.Create(CultureInfo.InvariantCulture, $"caller-{number}");
        _shared = shared;
        backend.Server.Files.CreateFolder("/" + _folder);
    }

    /// <summary>The name, in the root, of a file that every caller reads and nobody writes.</summary>
    public const string SharedFile = "shared";

    /// <summary>Works until the end; then the request under way is finished.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var failures = _failures;
            await StepAsync();
            if (_failures > failures)
            {
                // As an app does: it comes back, but not at once.
                await Task.Delay(_random.Next(100), CancellationToken.None);
            }
        }
    }

    /// <summary>Compares every file it ever had with the server's disk.</summary>
    public void CheckFiles()
    {
        foreach (var file in _files.Concat(_retired))
        {
            CheckFile(file);
        }
    }

    private Task StepAsync()
    {
        var file = _files.Count > 0 ? _files[_random.Next(_files.Count)] : null;
        return _random.Next(100) switch
        {
            < 25 when file is not null => DownloadAsync(file),
            < 35 when file is not null => RangeAsync(file),
            < 40 when file is not null => MoveAsync(file),
            < 48 when file is not null => DeleteAsync(file),
            < 52 when file is not null => DescribeAsync(file),
            < 60 => ListAsync(),
            < 68 => DownloadSharedAsync(),
            < 70 => LeaveDownloadAsync(),
            < 73 => LeaveUploadAsync(file),
            < 74 => VisitExtraAsync(),
            _ => UploadAsync(file),
        };
    }

    private string Url(string resource, string name) => $"/v1/backends/{_backend.Name}/{resource}/{_folder}/{name}";

    private string Locate(CallerFile file) => _backend.Server.Files.Locate($"/{_folder}/{file.Name}");

    private CallerFile NewFile() => new(string.Create(CultureInfo.InvariantCulture, $"file-{++_names}"));

    private FileVersion NewVersion()
    {
        var length = _random.Next(10) switch
        {
            < 2 => _random.Next(16),
            < 7 => _random.Next(64 * 1024),
            < 9 => _random.Next(1024 * 1024),
            _ => _random.Next(_shared.Length),
        };
        return new FileVersion(_random.NextInt64(), length);
    }

    private async Task UploadAsync(CallerFile? existing)
    {
        var isNew = existing is null || (_files.Count < MaxFiles && _random.Next(2) == 0);
        var file = isNew ? NewFile() : existing!;
        var version = NewVersion();
        var outcome = await AskAsync(HttpMethod.Put, Url("files", file.Name), new VersionContent(version), version.Length, response =>
            ExpectAsync(response, file.Content is null ? HttpStatusCode.Created : HttpStatusCode.NoContent));
        Change(file, version, outcome);
        if (isNew)
        {
            Keep(file);
        }
    }

    /// <summary>An upload that never sends its last bytes: the caller leaves. What was there stays.</summary>
    private async Task LeaveUploadAsync(CallerFile? existing)
    {
        var file = existing ?? NewFile();
        var version = new FileVersion(_random.NextInt64(), _random.Next(1, _shared.Length));
        using var leave = new CancellationTokenSource();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, Url("files", file.Name));
            request.Content = new VersionContent(version, _random.Next(version.Length), () => leave.CancelAfter(_random.Next(50)));
            using var response = await _client.SendAsync(request, leave.Token).WaitAsync(Deadline);
            _tally.Count(Name(response), 0);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            _tally.Count("left", 0);
        }
        catch (TimeoutException)
        {
            _tally.Add(Loss.Stuck, $"PUT {Url("files", file.Name)}, of which the end was never sent, was not answered for {Deadline}.");
        }

        CheckFile(file);
    }

    private Task<bool?> DownloadAsync(CallerFile file) => AskAsync(HttpMethod.Get, Url("files", file.Name), null, file.Content!.Value.Length, async response =>
        await ExpectAsync(response, HttpStatusCode.OK) && await ReadAsync(response, file.Content.Value, 0, file.Content.Value.Length));

    private Task<bool?> DownloadSharedAsync() => AskAsync(
        HttpMethod.Get, $"/v1/backends/{_backend.Name}/files/{SharedFile}", null, _shared.Length, async response =>
            await ExpectAsync(response, HttpStatusCode.OK) && await ReadAsync(response, _shared, 0, _shared.Length));

    private Task<bool?> RangeAsync(CallerFile file)
    {
        var version = file.Content!.Value;
        if (version.Length == 0)
        {
            return DescribeAsync(file);
        }

        var from = _random.Next(version.Length);
        var to = _random.Next(from, version.Length);
        return AskAsync(HttpMethod.Get, Url("files", file.Name), null, to - from + 1, async response =>
            await ExpectAsync(response, HttpStatusCode.PartialContent) && await ReadAsync(response, version, from, to - from + 1),
            request => request.Headers.Range = new RangeHeaderValue(from, to));
    }

    /// <summary>Reads a little and leaves.</summary>
    private async Task LeaveDownloadAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(Deadline);
            using var response = await _client.GetAsync(
                new Uri($"/v1/backends/{_backend.Name}/files/{SharedFile}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            var read = await body.ReadAsync(new byte[_random.Next(1, 100_000)], deadline.Token);
            _tally.Count(response.IsSuccessStatusCode ? "left" : Name(response), read);
        }
        catch (OperationCanceledException)
        {
            _tally.Add(Loss.Stuck, $"GET {SharedFile} did not begin within {Deadline}.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            _tally.Count("cut off", 0);
        }
    }

    private async Task MoveAsync(CallerFile file)
    {
        var target = NewFile();
        var body = JsonContent.Create(new { from = $"/{_folder}/{file.Name}", to = $"/{_folder}/{target.Name}" });
        var outcome = await AskAsync(
            HttpMethod.Post, $"/v1/backends/{_backend.Name}/moves", body, 0, response => ExpectAsync(response, HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.NoContent));
        var version = file.Content;
        Change(file, null, outcome);
        Change(target, version, outcome);
        Keep(target);
    }

    private async Task DeleteAsync(CallerFile file) => Change(
        file, null, await AskAsync(HttpMethod.Delete, Url("files", file.Name), null, 0, response => ExpectAsync(response, HttpStatusCode.NoContent)));

    private Task<bool?> DescribeAsync(CallerFile file) => AskAsync(HttpMethod.Get, Url("entries", file.Name), null, 0, async response =>
        await ExpectAsync(response, HttpStatusCode.OK)
        && Require(
            (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("size").GetInt64() == file.Content!.Value.Length,
            Loss.Corrupt, $"The size of {file.Name} is not {file.Content.Value.Length}."));

    private Task<bool?> ListAsync() => AskAsync(
        HttpMethod.Get, $"/v1/backends/{_backend.Name}/directories/{_folder}?limit=10000", null, 0, async response =>
        {
            if (!await ExpectAsync(response, HttpStatusCode.OK))
            {
                return false;
            }

            var document = await response.Content.ReadFromJsonAsync<JsonElement>();
            var names = document.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal);
            foreach (var file in _files)
            {
                Require(names.Contains(file.Name), Loss.Vanished, $"{file.Name} is missing in a listing of {_folder} on {_backend.Name}.");
            }

            return true;
        });

    private Task<bool?> VisitExtraAsync() => AskAsync(
        HttpMethod.Get, $"/v1/backends/{FaultConfiguration.Extra}/directories/", null, 0,
        response => ExpectAsync(response, HttpStatusCode.OK, HttpStatusCode.NotFound));

    /// <summary>One request, to its end within the deadline.</summary>
    /// <returns>True: as it should be; false: refused, or failed, before it began for all the caller knows; null: nobody knows.</returns>
    private async Task<bool?> AskAsync(
        HttpMethod method, string url, HttpContent? content, long bytes, Func<HttpResponseMessage, Task<bool>> check,
        Action<HttpRequestMessage>? change = null)
    {
        var clock = Stopwatch.StartNew();
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            using var request = new HttpRequestMessage(method, url) { Content = content };
            change?.Invoke(request);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            var isRight = await check(response).WaitAsync(deadline.Token);
            _tally.Count(isRight ? "ok" : Name(response), isRight ? bytes : 0);
            _failures += isRight ? 0 : 1;
            return isRight ? true : null;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            _tally.Add(Loss.Stuck, $"{method} {_backend.Name} {url} did not end within {clock.Elapsed.TotalSeconds:0} s.");
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            _tally.Count("cut off", 0);
            _failures++;
            return null;
        }
    }

    private async Task<bool> ExpectAsync(HttpResponseMessage response, params HttpStatusCode[] expected)
    {
        if (expected.Contains(response.StatusCode))
        {
            return true;
        }

        if (response.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
        {
            var request = response.RequestMessage!;
            _tally.Add(
                response.StatusCode == HttpStatusCode.NotFound ? Loss.Vanished : Loss.WrongAnswer,
                $"{request.Method} {request.RequestUri?.PathAndQuery} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        return false;
    }

    /// <summary>Reads a body that ends cleanly; one that is cut off throws.</summary>
    private async Task<bool> ReadAsync(HttpResponseMessage response, FileVersion version, long offset, long length)
    {
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        long read = 0;
        int count;
        while ((count = await body.ReadAsync(buffer)) > 0)
        {
            if (!Require(version.Matches(offset + read, buffer.AsSpan(0, count)), Loss.Corrupt, $"{response.RequestMessage!.RequestUri} near byte {offset + read}."))
            {
                return false;
            }

            read += count;
        }

        return Require(read == length, Loss.Corrupt, $"{response.RequestMessage!.RequestUri} ended cleanly after {read} of {length} bytes.");
    }

    /// <summary>Notes how a change ended. An acknowledged one is looked at on the server's disk at once.</summary>
    private void Change(CallerFile file, FileVersion? content, bool? outcome)
    {
        if (outcome == true)
        {
            file.Confirm(content);
            CheckFile(file);
            if (content is null)
            {
                _files.Remove(file);
            }
        }
        else
        {
            file.Doubt(content);
            _files.Remove(file);
            _retired.Add(file);
        }
    }

    private void Keep(CallerFile file)
    {
        if (!file.IsUncertain && file.Content is not null)
        {
            _files.Add(file);
        }
    }

    private void CheckFile(CallerFile file)
    {
        if (file.FindLoss(Locate(file)) is var (loss, detail))
        {
            _tally.Add(loss, $"{_backend.Name}: {detail}");
        }
    }

    private bool Require(bool condition, Loss loss, string detail)
    {
        if (!condition)
        {
            _tally.Add(loss, $"{_backend.Name}: {detail}");
        }

        return condition;
    }

    private static string Name(HttpResponseMessage response) => ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
}
