using System.Collections.Concurrent;
using System.Text;
using Gateway.Broker.Backends;
using Gateway.Testing.Fakes.Memory;

namespace Gateway.FunctionalTests.Http;

/// <summary>What changes something cannot be repeated, and so is not sent on a connection that a firewall may have forgotten.</summary>
public sealed class SilentConnectionTests
{
    [Theory]
    [InlineData("DELETE", "files/a", null, MemoryOperation.DeleteFile)]
    [InlineData("DELETE", "directories/empty", null, MemoryOperation.DeleteDirectory)]
    [InlineData("POST", "moves", """{"from":"/a","to":"/b"}""", MemoryOperation.Rename)]
    [InlineData("POST", "copies", """{"from":"/a","to":"/b"}""", MemoryOperation.OpenWrite)]
    public async Task A_change_goes_to_a_connection_that_has_answered_a_probe(string method, string path, string? body, MemoryOperation change)
    {
        var operations = new ConcurrentQueue<MemoryOperation>();
        await using var gateway = await MemoryGateway.StartAsync();
        gateway.Backend.AddFile("/a", "x"u8.ToArray());
        gateway.Backend.AddFolder("/empty");
        await gateway.Host.WaitUntilReadyAsync();
        gateway.Backend.Silence = TimeSpan.FromMinutes(1);
        gateway.Backend.Before = (operation, _, _) =>
        {
            operations.Enqueue(operation);

            // The first connection has been forgotten; the one that takes its place has not.
            return operation == MemoryOperation.Probe && operations.Count(o => o == MemoryOperation.Probe) == 1
                ? throw new BackendException(BackendError.ConnectionLost, "Forgotten.")
                : default;
        };

        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await gateway.SendAsync(new HttpMethod(method), path, content);

        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        var list = operations.ToList();
        Assert.InRange(list.IndexOf(MemoryOperation.Probe), 0, list.IndexOf(change));
        Assert.Equal(2, gateway.Backend.Opened);
    }
}
