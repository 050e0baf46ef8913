using System.Net;
using Gateway.Api.Identity.Tokens;
using Gateway.Testing;
using Gateway.Testing.Fakes;
using Gateway.Testing.Identity;
using Microsoft.AspNetCore.Http;

namespace Gateway.FunctionalTests.Access;

/// <summary>Keys of an authority change, and it is not always there.</summary>
public sealed class KeyRotationTests
{
    [Fact]
    public async Task A_new_key_is_fetched_when_a_token_names_it_and_one_that_is_gone_is_forgotten_with_it()
    {
        var time = Now();
        await using var gateway = await TokenGateway.StartAsync(time);
        var old = gateway.Authority.Issue();
        Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(old));

        time.Advance(AuthorityKeys.MinInterval);
        gateway.Authority.Rotate(TokenKey.Create("RS256"), forgetsOthers: true);

        Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(gateway.Authority.Issue()));
        Assert.Equal(HttpStatusCode.Unauthorized, await gateway.CallAsync(old));
        Assert.Equal(2, gateway.Authority.Fetches);
    }

    [Fact]
    public async Task Tokens_with_made_up_keys_do_not_make_the_gateway_ask_each_time()
    {
        var time = Now();
        await using var gateway = await TokenGateway.StartAsync(time);
        Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(gateway.Authority.Issue()));

        for (var i = 0; i < 20; i++)
        {
            using var made = TokenKey.Create();
            Assert.Equal(HttpStatusCode.Unauthorized, await gateway.CallAsync(made.Sign(gateway.Authority.Claims())));
        }

        Assert.Equal(1, gateway.Authority.Fetches);
        time.Advance(AuthorityKeys.MinInterval);
        using var last = TokenKey.Create();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => gateway.CallAsync(last.Sign(gateway.Authority.Claims()))));
        Assert.Equal(2, gateway.Authority.Fetches);
    }

    [Fact]
    public async Task Keys_are_fetched_again_in_time_without_keeping_anybody_waiting()
    {
        var time = Now();
        await using var gateway = await TokenGateway.StartAsync(time);
        var token = gateway.Authority.Issue(("exp", 4102444800));
        Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(token));

        time.Advance(AuthorityKeys.Freshness);
        Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(token));

        await Eventually.HoldsAsync(() => gateway.Authority.Fetches == 2);
        Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(token));
    }

    [Fact]
    public async Task While_the_authority_is_away_the_keys_stay_for_a_day()
    {
        var time = Now();
        await using var gateway = await TokenGateway.StartAsync(time);
        var token = gateway.Authority.Issue(("exp", 4102444800));
        Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(token));

        gateway.Authority.Instead = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        for (var hour = 0; hour < 23; hour++)
        {
            time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(token));
        }

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await gateway.CallAsync(token));
        gateway.Authority.Instead = null;
        time.Advance(AuthorityKeys.RetryInterval);
        Assert.Equal(HttpStatusCode.OK, await gateway.CallAsync(token));
    }

    public static TheoryData<string, string> BadAnswers { get; } = new()
    {
        { "discovery", "{}" },
        { "discovery", """{"issuer":"https://evil.example.com","jwks_uri":"ISSUER/keys"}""" },
        { "discovery", """{"issuer":"ISSUER","jwks_uri":"http://198.51.100.1/keys"}""" },
        { "discovery", """{"issuer":"ISSUER","jwks_uri":"file:///etc/passwd"}""" },
        { "discovery", """{"issuer":"ISSUER","jwks_uri":"ISSUER/keys","issuer":"ISSUER"}""" },
        { "discovery", "large" },
        { "keys", "{}" },
        { "keys", """{"keys":[]}""" },
        { "keys", """{"keys":{}}""" },
        { "keys", "not json" },
        { "keys", "large" },
        { "keys", "redirect" },
    };

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task Of_an_authority_that_answers_oddly_no_token_is_good(string which, string answer)
    {
        await using var gateway = await TokenGateway.StartAsync();
        var authority = gateway.Authority;
        var good = authority.Keys();
        answer = answer == "large" ? good[..^1] + $",\"x\":\"{new string('x', 300_000)}\"}}" : answer.Replace("ISSUER", authority.Issuer, StringComparison.Ordinal);
        if (which == "discovery")
        {
            authority.Discovery = () => answer;
        }
        else
        {
            authority.Keys = () => answer;
        }

        if (answer == "redirect")
        {
            authority.Instead = context =>
            {
                if (context.Request.Path.StartsWithSegments("/keys", StringComparison.Ordinal) && !context.Request.Query.ContainsKey("there"))
                {
                    context.Response.Redirect("/keys?there");
                    return Task.CompletedTask;
                }

                return context.Response.WriteAsync(context.Request.Path.StartsWithSegments("/keys", StringComparison.Ordinal) ? good : authority.Discovery());
            };
        }

        var status = await gateway.CallAsync(authority.Issue());
        Assert.True(status == HttpStatusCode.ServiceUnavailable, string.Join("\n", gateway.Host.Logs.Lines.Select(line => line.Text + line.Exception)));
        Assert.Contains(gateway.Host.Logs.Lines, line => line.EventId == 1511);
    }

    private static ManualTimeProvider Now() => new(DateTimeOffset.UtcNow);
}
