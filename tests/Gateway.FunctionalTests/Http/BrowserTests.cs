using System.Text.Json;
using Gateway.Testing.Browsers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.FunctionalTests.Http;

/// <summary>What an app in a browser does: a real Chromium, a page of another origin.</summary>
public sealed class BrowserTests : IAsyncLifetime
{
    private WebApplication _app = null!;
    private Chromium _browser = null!;

    private Uri App => new(_app.Urls.First());

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/", (HttpContext context) =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<!doctype html><title>An app</title>");
        });
        await _app.StartAsync();
        _browser = await Chromium.StartAsync();
        await _browser.NavigateAsync(App);
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task An_app_of_a_configured_origin_uploads_reads_and_deletes()
    {
        await using var gateway = await StartAsync();

        var seen = await RunAsync(gateway, """
            const put = await fetch(api + 'files/' + encodeURIComponent('文 件.txt'), { method: 'PUT', body: 'hello world', headers: { 'If-None-Match': '*', 'X-Modified': '2025-03-01T12:00:00Z' } });
            const again = await fetch(api + 'files/' + encodeURIComponent('文 件.txt'), { method: 'PUT', body: 'x', headers: { 'If-None-Match': '*' } });
            const url = new URL(put.headers.get('Location'), api);
            const get = await fetch(url);
            const part = await fetch(url, { headers: { Range: 'bytes=6-' } });
            const same = await fetch(url, { headers: { 'If-None-Match': get.headers.get('ETag') }, cache: 'no-store' });
            await fetch(api + 'files/zzz', { method: 'PUT', body: '' });
            const list = await fetch(api + 'directories/?limit=1');
            const removed = await fetch(url, { method: 'DELETE' });
            const missing = await fetch(url);
            return {
              put: put.status, again: again.status, problem: (await again.json()).type, etag: put.headers.get('ETag') !== null,
              text: await get.text(), disposition: get.headers.get('Content-Disposition'), ranges: get.headers.get('Accept-Ranges'), modified: get.headers.get('Last-Modified'),
              part: part.status, range: part.headers.get('Content-Range'), rest: await part.text(), same: same.status,
              link: list.headers.get('Link'), names: (await list.json()).entries.map(e => e.name), removed: removed.status, missing: missing.status };
            """);

        Assert.Equal("201 412 urn:gateway:problem:precondition-failed", Join(seen, "put", "again", "problem"));
        Assert.True(seen.GetProperty("etag").GetBoolean());
        Assert.Equal("hello world bytes Sat, 01 Mar 2025 12:00:00 GMT", Join(seen, "text", "ranges", "modified"));
        Assert.Equal("206 bytes 6-10/11 world", Join(seen, "part", "range", "rest"));
        Assert.Contains("filename*=UTF-8''%E6%96%87%20%E4%BB%B6.txt", seen.GetProperty("disposition").GetString(), StringComparison.Ordinal);
        Assert.Equal("304 204 404", Join(seen, "same", "removed", "missing"));
        Assert.Contains("rel=\"next\"", seen.GetProperty("link").GetString(), StringComparison.Ordinal);
        Assert.Single(seen.GetProperty("names").EnumerateArray());
    }

    [Fact]
    public async Task XMLHttpRequest_uploads_a_file_with_progress_and_gets_it_back()
    {
        await using var gateway = await StartAsync();

        var seen = await RunAsync(gateway, """
            const sent = new Uint8Array(5_000_000).map((_, i) => i * 7);
            const progress = [];
            const status = await new Promise((done, fail) => {
              const request = new XMLHttpRequest();
              request.open('PUT', api + 'files/big.bin');
              request.upload.onprogress = e => progress.push(e.loaded);
              request.onload = () => done(request.status);
              request.onerror = () => fail(new Error('network'));
              request.send(new Blob([sent]));
            });
            const hash = async bytes => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))).join();
            const back = await (await fetch(api + 'files/big.bin')).arrayBuffer();
            return { status, same: await hash(sent) === await hash(back), progress: progress.length > 0 };
            """);

        Assert.Equal("201 True True", Join(seen, "status", "same", "progress"));
    }

    [Fact]
    public async Task Forms_upload_files_by_script_and_by_hand()
    {
        await using var gateway = await StartAsync();

        var seen = await RunAsync(gateway, """
            const data = new FormData();
            data.append('files', new File(['first'], 'naïve 文.txt'));
            data.append('files', new File(['second'], 'b.txt'));
            const response = await fetch(api + 'directories/', { method: 'POST', body: data });
            return { status: response.status, paths: (await response.json()).files.map(f => f.path).join() };
            """);
        Assert.Equal("201 /naïve 文.txt,/b.txt", Join(seen, "status", "paths"));

        await SubmitFormAsync(gateway);
        await _browser.WaitForAsync("document.body.innerText.includes('\"outcome\"')");
        Assert.Contains("/by hand.txt", gateway.Backend.Paths);
    }

    [Fact]
    public async Task A_form_of_another_origin_stores_nothing()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Cors:Origins:0", "https://elsewhere.example.com"));

        await SubmitFormAsync(gateway);

        await _browser.WaitForAsync("document.body.innerText.includes('urn:gateway:problem:forbidden')");
        Assert.Equal(["/"], gateway.Backend.Paths);
    }

    [Fact]
    public async Task A_page_of_another_origin_can_do_nothing()
    {
        await using var gateway = await MemoryGateway.StartAsync(("Cors:Origins:0", "https://elsewhere.example.com"));
        gateway.Backend.AddFile("/secret.txt", "secret"u8.ToArray());

        var seen = await RunAsync(gateway, """
            const attempt = async (path, options) => { try { return (await fetch(api + path, options)).status; } catch (e) { return e.name; } };
            return { get: await attempt('files/secret.txt'), put: await attempt('files/new.txt', { method: 'PUT', body: 'x' }), remove: await attempt('files/secret.txt', { method: 'DELETE' }) };
            """);

        Assert.Equal("TypeError TypeError TypeError", Join(seen, "get", "put", "remove"));
        Assert.Equal(["/", "/secret.txt"], gateway.Backend.Paths);
    }

    [Fact]
    public async Task A_file_that_calls_itself_HTML_does_not_run()
    {
        await using var gateway = await StartAsync();
        gateway.Backend.AddFile("/page.html", "<script>document.title = 'ran'</script><p id=p>text"u8.ToArray());

        await _browser.NavigateAsync(new Uri(gateway.Host.BaseAddress, MemoryGateway.Base + "files/page.html?disposition=inline"));

        Assert.Equal("text ", (await _browser.RunAsync("return document.getElementById('p').textContent + ' ' + document.title;")).GetString());
    }

    [Fact]
    public async Task Swagger_UI_shows_every_operation_and_tries_one_out()
    {
        await using var gateway = await StartAsync();
        gateway.Backend.AddFile("/folder/in it.txt", "hello"u8.ToArray());
        using var document = JsonDocument.Parse(await gateway.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var operations = document.RootElement.GetProperty("paths").EnumerateObject().Sum(path => path.Value.EnumerateObject().Count());

        await _browser.NavigateAsync(new Uri(gateway.Host.BaseAddress, "/swagger/index.html"));
        await _browser.WaitForAsync("document.querySelectorAll('.opblock').length > 0");
        var shown = await _browser.RunAsync("return document.querySelectorAll('.opblock').length;");
        Assert.Equal(operations, shown.GetInt32());
        Assert.Equal(0, (await _browser.RunAsync("return document.querySelectorAll('.errors-wrapper').length;")).GetInt32());

        // As a hand does it: open, "Try it out", fill in, "Execute".
        await _browser.RunAsync("document.querySelector('#operations-Directories-listDirectory .opblock-summary-control').click();");
        await _browser.WaitForAsync("document.querySelector('#operations-Directories-listDirectory .try-out__btn')");
        await _browser.RunAsync("document.querySelector('#operations-Directories-listDirectory .try-out__btn').click();");
        await _browser.WaitForAsync("document.querySelector('#operations-Directories-listDirectory .execute')");
        await _browser.RunAsync("""
            const fill = (name, text) => {
              const input = document.querySelector(`#operations-Directories-listDirectory tr[data-param-name="${name}"] input`);
              Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
              input.dispatchEvent(new Event('input', { bubbles: true }));

              // The page waits a moment for more to be typed, or until the field is left.
              input.dispatchEvent(new FocusEvent('focusout', { bubbles: true }));
            };
            fill('backend', 'files');
            fill('path', 'folder');
            """);
        await _browser.RunAsync("document.querySelector('#operations-Directories-listDirectory .execute').click();");
        await _browser.WaitForAsync("document.querySelector('#operations-Directories-listDirectory .live-responses-table .response-col_status')");
        var answer = (await _browser.RunAsync("return document.querySelector('#operations-Directories-listDirectory .live-responses-table').innerText;")).GetString()!;

        Assert.True(answer.Contains("200", StringComparison.Ordinal), answer);
        Assert.Contains("in it.txt", answer, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("GATEWAY_TEST_PICTURES") is { Length: > 0 } folder)
        {
            await _browser.RunAsync("document.querySelector('#operations-Directories-listDirectory .parameters-container').scrollIntoView();");
            await File.WriteAllBytesAsync(Path.Combine(folder, "swagger.png"), await _browser.TakePictureAsync());
        }
    }

    /// <summary>A form with a file in it is sent by its own means, and the page becomes the answer.</summary>
    private async Task SubmitFormAsync(MemoryGateway gateway) => await RunAsync(gateway, """
        document.body.innerHTML = `<form method="post" enctype="multipart/form-data" action="${api}directories/"><input type="file" name="files"></form>`;
        const chosen = new DataTransfer();
        chosen.items.add(new File(['hello'], 'by hand.txt'));
        document.querySelector('input').files = chosen.files;
        setTimeout(() => document.querySelector('form').submit());
        """);

    private static string Join(JsonElement seen, params string[] names) => string.Join(' ', names.Select(name => seen.GetProperty(name).ToString()));

    private Task<MemoryGateway> StartAsync() => MemoryGateway.StartAsync(("Cors:Origins:0", App.GetLeftPart(UriPartial.Authority)));

    private Task<JsonElement> RunAsync(MemoryGateway gateway, string script) =>
        _browser.RunAsync($"const api = {JsonSerializer.Serialize(gateway.Host.BaseAddress.AbsoluteUri.TrimEnd('/') + MemoryGateway.Base)};\n{script}");
}
