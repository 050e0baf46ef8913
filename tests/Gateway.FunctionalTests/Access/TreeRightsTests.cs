using System.Net;
using Gateway.FunctionalTests.Http;

namespace Gateway.FunctionalTests.Access;

/// <summary>Operations that concern more than the one path: moves, copies, and whatever is done with a tree.</summary>
public sealed class TreeRightsTests
{
    [Theory]
    [InlineData("files /from/** read delete", "files /to/** write", null)]
    [InlineData("files /from/** read", "files /to/** write delete", "forbidden")]
    [InlineData("files /from/** delete", "files /to/** write", "forbidden")]
    [InlineData("files /from/** read delete", "files /to/** read", "forbidden")]
    [InlineData("files /from/** read delete", "files /other/** write", "not-found")]
    [InlineData("files /to/** read write delete", "files /to/** write", "not-found")]
    public async Task A_move_takes_both_ends(string first, string second, string? refusal)
    {
        await using var gateway = await StartAsync(first, second);

        using var response = await gateway.PostAsync("moves", new { from = "/from/f", to = "/to/g" });

        await AssertOutcomeAsync(response, HttpStatusCode.NoContent, refusal);
        Assert.Equal(refusal is null, gateway.Backend.Find("/to/g") is not null);
        Assert.Equal(refusal is not null, gateway.Backend.Find("/from/f") is not null);
    }

    [Theory]
    [InlineData("files /from/** read", "files /to/** write", null)]
    [InlineData("files /from/** list delete", "files /to/** write", "forbidden")]
    [InlineData("files /from/** read", "files /to/** read", "forbidden")]
    [InlineData("files /from/** read", "files /other/** write", "not-found")]
    [InlineData("files /to/** read write", "files /to/** write", "not-found")]
    public async Task A_copy_takes_both_ends(string first, string second, string? refusal)
    {
        await using var gateway = await StartAsync(first, second);

        using var response = await gateway.PostAsync("copies", new { from = "/from/f", to = "/to/g" });

        await AssertOutcomeAsync(response, HttpStatusCode.Created, refusal);
        Assert.Equal(refusal is null, gateway.Backend.Find("/to/g") is not null);
    }

    [Theory]
    [InlineData("other /to/** write", null)]
    [InlineData("other /to/** read", "forbidden")]
    [InlineData("other /x/** write", "not-found")]
    [InlineData("files /to/** write", "backend-not-found")]
    public async Task A_copy_to_another_backend_takes_the_right_there(string rule, string? refusal)
    {
        await using var gateway = await StartAsync("files /from/** read", rule);

        using var response = await gateway.PostAsync("copies", new { from = "/from/f", to = "/to/g", toBackend = "other" });

        await AssertOutcomeAsync(response, HttpStatusCode.Created, refusal);
        Assert.Equal(refusal is null, gateway.Other.Find("/to/g") is not null);
    }

    /// <summary>The folder itself may be moved: what is in it would come along to where the caller may read it.</summary>
    [Fact]
    public async Task A_folder_is_moved_only_with_rights_on_all_that_is_in_it()
    {
        await using var gateway = await StartAsync("files /from read delete", "files /from/* read delete", "files /to/** list read write");
        gateway.Backend.AddFolder("/from/sub");

        using var whole = await gateway.PostAsync("moves", new { from = "/from", to = "/to/x" });
        Assert.Equal(HttpStatusCode.NoContent, whole.StatusCode);

        await using var other = await StartAsync("files /from read delete", "files /from/* read delete", "files /to/** list read write");
        other.Backend.AddFolder("/from/sub");
        other.Backend.AddFile("/from/sub/secret", [1]);
        using var refused = await other.PostAsync("moves", new { from = "/from", to = "/to/x" });
        var problem = await MemoryGateway.ReadProblemAsync(refused, HttpStatusCode.Forbidden, "forbidden");
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
        Assert.NotNull(other.Backend.Find("/from/sub/secret"));
    }

    [Theory]
    [InlineData("files /from/** delete")]
    [InlineData("files /from/* delete", "files /from/sub/* delete")]
    public async Task A_tree_is_deleted_with_rights_on_all_of_it(params string[] rules)
    {
        await using var gateway = await StartAsync([.. rules, "files /from delete"]);
        gateway.Backend.AddFolder("/from/sub");
        gateway.Backend.AddFile("/from/sub/x", [1]);

        using var response = await gateway.SendAsync(HttpMethod.Delete, "directories/from?recursive=true");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Null(gateway.Backend.Find("/from"));
    }

    [Fact]
    public async Task A_tree_with_something_that_must_stay_is_left_whole()
    {
        await using var gateway = await StartAsync("files /from list delete", "files /from/* list delete", "files /from/sub/x list");
        gateway.Backend.AddFolder("/from/sub");
        gateway.Backend.AddFile("/from/sub/x", [1]);
        gateway.Backend.AddFile("/from/a", [1]);

        using var response = await gateway.SendAsync(HttpMethod.Delete, "directories/from?recursive=true");

        await MemoryGateway.ReadProblemAsync(response, HttpStatusCode.Forbidden, "forbidden");
        Assert.All(new[] { "/from/a", "/from/f", "/from/sub/x" }, path => Assert.NotNull(gateway.Backend.Find(path)));
    }

    [Fact]
    public async Task A_tree_is_copied_without_what_the_caller_may_not_see()
    {
        await using var gateway = await StartAsync("files /from list read", "files /from/f list read", "files /from/sub/x list read", "files /to/** write");
        gateway.Backend.AddFolder("/from/sub");
        gateway.Backend.AddFile("/from/sub/x", [1]);
        gateway.Backend.AddFile("/from/sub/hidden", [1]);

        using var response = await gateway.PostAsync("copies", new { from = "/from", to = "/to/copy", recursive = true });

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.NotNull(gateway.Backend.Find("/to/copy/f"));
        Assert.NotNull(gateway.Backend.Find("/to/copy/sub/x"));
        Assert.Null(gateway.Backend.Find("/to/copy/sub/hidden"));
    }

    [Theory]
    [InlineData("files /from/** list", "files /to/** write")]
    [InlineData("files /from/** list read", "files /to/* write")]
    public async Task A_tree_is_copied_whole_or_not_begun(params string[] rules)
    {
        await using var gateway = await StartAsync([.. rules, "files /from list read"]);
        gateway.Backend.AddFolder("/from/sub");
        gateway.Backend.AddFile("/from/sub/x", [1]);

        using var response = await gateway.PostAsync("copies", new { from = "/from", to = "/to/copy", recursive = true });

        Assert.True(response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound);
        Assert.Null(gateway.Backend.Find("/to/copy"));
    }

    private static async Task AssertOutcomeAsync(HttpResponseMessage response, HttpStatusCode good, string? refusal)
    {
        if (refusal is null)
        {
            Assert.Equal(good, response.StatusCode);
        }
        else
        {
            await MemoryGateway.ReadProblemAsync(response, refusal == "forbidden" ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound, refusal);
        }
    }

    private static async Task<KeyedGateway> StartAsync(params string[] rules)
    {
        var gateway = await KeyedGateway.StartAsync(rules);
        foreach (var backend in new[] { gateway.Backend, gateway.Other })
        {
            backend.AddFolder("/from");
            backend.AddFolder("/to");
            backend.AddFile("/from/f", [1, 2, 3]);
        }

        return gateway;
    }
}
