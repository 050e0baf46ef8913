using System.Net;
using System.Security.Cryptography;

namespace Gateway.FunctionalTests.Http;

public sealed class DownloadTests
{
    [Fact]
    public async Task A_file_comes_back_whole_with_everything_that_describes_it()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        var content = RandomNumberGenerator.GetBytes(300_000);
        gateway.Backend.AddFile("/reports/annual.pdf", content, new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero));

        using var response = await gateway.GetAsync("files/reports/annual.pdf");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(content.Length, response.Content.Headers.ContentLength);
        Assert.Equal("application/pdf", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Sat, 01 Mar 2025 12:00:00 GMT", response.Content.Headers.NonValidated["Last-Modified"].ToString());
        Assert.Equal("attachment; filename=\"annual.pdf\"", response.Content.Headers.NonValidated["Content-Disposition"].ToString());
        Assert.Equal("nosniff", response.Headers.NonValidated["X-Content-Type-Options"].ToString());
        Assert.Equal("sandbox", response.Headers.NonValidated["Content-Security-Policy"].ToString());
        Assert.Equal("bytes", response.Headers.AcceptRanges.ToString());
        Assert.False(response.Headers.ETag!.IsWeak);
        Assert.False(response.Headers.Contains("Server"));
    }
}
