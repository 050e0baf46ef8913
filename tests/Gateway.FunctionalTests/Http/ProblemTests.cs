using System.Net;
using Gateway.Api.Errors;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes.Memory;
using Microsoft.Extensions.Logging;

namespace Gateway.FunctionalTests.Http;

public sealed class ProblemTests
{
    [Theory]
    [InlineData("GET", "/nowhere", 404, "not-found")]
    [InlineData("GET", "/v1", 404, "not-found")]
    [InlineData("GET", "/v1/backends/files", 200, null)]
    [InlineData("GET", "/v1/backends/other", 404, "backend-not-found")]
    [InlineData("GET", "/v1/backends/other/files/a", 404, "backend-not-found")]
    [InlineData("GET", "/v1/backends/FILES/files/a", 404, "backend-not-found")]
    [InlineData("POST", "/v1/backends/files/files/a", 405, "method-not-allowed")]
    [InlineData("DELETE", "/v1/backends", 405, "method-not-allowed")]
    [InlineData("PATCH", "/v1/backends/files/directories/a", 405, "method-not-allowed")]
    [InlineData("BREW", "/v1/backends/files/moves", 405, "method-not-allowed")]
    public async Task Every_failure_is_a_problem(string method, string path, int status, string? name)
    {
        await using var gateway = await MemoryGateway.StartAsync();

        using var response = await gateway.SendAsync(new HttpMethod(method), path);

        Assert.Equal(status, (int)response.StatusCode);
        if (name is not null)
        {
            await MemoryGateway.ReadProblemAsync(response, (HttpStatusCode)status, name);
            Assert.Equal(status == 405, response.Content.Headers.Contains("Allow"));
        }
    }

    [Fact]
    public async Task Every_error_of_a_backend_has_its_answer()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);
        foreach (var error in Enum.GetValues<BackendError>())
        {
            gateway.Backend.Before = (operation, path, _) => operation == MemoryOperation.OpenRead
                ? throw new BackendException(error, "What happened.") { Path = path, Diagnostic = "raw words of the server", RetryAfter = TimeSpan.FromSeconds(6.5) }
                : default;
            var type = ProblemTypes.For(error);

            using var response = await gateway.GetAsync("files/a");

            var problem = await MemoryGateway.ReadProblemAsync(response, (HttpStatusCode)type.Status, type.Name);
            Assert.Equal("What happened.", problem.GetProperty("detail").GetString());
            Assert.Equal("/a", problem.GetProperty("path").GetString());
            Assert.Equal("files", problem.GetProperty("backend").GetString());
            Assert.DoesNotContain("raw words", problem.ToString(), StringComparison.Ordinal);
            Assert.Equal(type.Status == 503 ? "7" : null, response.Headers.RetryAfter?.ToString());
        }
    }

    [Fact]
    public async Task A_defect_of_the_gateway_is_logged_and_not_told()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", []);
        gateway.Backend.Before = (operation, _, _) =>
            operation == MemoryOperation.OpenRead ? throw new InvalidOperationException("inner secret") : default;

        using var response = await gateway.GetAsync("files/a");

        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.InternalServerError, "internal-error");
        Assert.DoesNotContain("inner secret", problem.ToString(), StringComparison.Ordinal);
        var line = Assert.Single(gateway.Host.Logs.Lines, line => line.Level == LogLevel.Error);
        Assert.Contains(problem.GetProperty("traceId").GetString()!, line.Text, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(line.Exception);
    }

    [Fact]
    public async Task The_trace_of_the_caller_is_kept()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var response = await gateway.GetAsync("files/a", ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        var problem = await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.NotFound, "not-found");
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", problem.GetProperty("traceId").GetString());
    }

    [Fact]
    public async Task A_name_cannot_forge_a_line_of_the_log()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.Before = (operation, _, _) => operation == MemoryOperation.OpenRead
            ? throw new BackendException(BackendError.ProtocolError, "It broke.") { Diagnostic = "line\nfail: forged \u001b[31m\u2028" }
            : default;

        using var response = await gateway.GetAsync("files/%E2%80%AEx");

        var line = Assert.Single(gateway.Host.Logs.Lines, line => line.EventId == 1101);
        Assert.DoesNotContain(line.Text, c => char.IsControl(c) || c is '\u2028' or '\u202e');
    }

    [Fact]
    public async Task The_table_of_problems_is_served()
    {
        await using var gateway = await MemoryGateway.StartAsync();
        using var response = await gateway.GetAsync("/problems");
        var problems = (await MemoryGateway.ReadJsonAsync(response)).GetProperty("problems").EnumerateArray().ToList();
        Assert.Equal(ProblemTypes.All.Count, problems.Count);
        Assert.All(problems, problem => Assert.NotEmpty(problem.GetProperty("description").GetString()!));
    }
}
