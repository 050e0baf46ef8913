using Gateway.Api.Errors;
using Gateway.Broker.Backends;

namespace Gateway.UnitTests.Api.Errors;

public sealed class ProblemTypesTests
{
    /// <summary>The public contract: apps are written against these.</summary>
    public static TheoryData<string, int> Contract() => new()
    {
        { "invalid-path", 400 }, { "invalid-request", 400 }, { "unauthorized", 401 }, { "forbidden", 403 }, { "not-found", 404 },
        { "backend-not-found", 404 }, { "permission-denied", 403 }, { "already-exists", 409 }, { "not-empty", 409 }, { "is-a-directory", 409 },
        { "not-a-directory", 409 }, { "precondition-failed", 412 }, { "content-too-large", 413 }, { "range-not-satisfiable", 416 },
        { "digest-mismatch", 422 }, { "read-only", 403 }, { "not-supported", 501 }, { "backend-protocol-error", 502 },
        { "backend-authentication-failed", 502 }, { "backend-host-key-mismatch", 502 }, { "backend-certificate-invalid", 502 },
        { "backend-unreachable", 502 }, { "pool-exhausted", 503 }, { "backend-circuit-open", 503 }, { "shutting-down", 503 },
        { "backend-timeout", 504 }, { "insufficient-storage", 507 },
    };

    [Theory]
    [MemberData(nameof(Contract))]
    public void A_published_type_keeps_its_name_and_status(string name, int status) =>
        Assert.Equal(status, Assert.Single(ProblemTypes.All, type => type.Name == name).Status);

    [Fact]
    public void Every_error_of_a_backend_has_one_type_of_its_own()
    {
        foreach (var error in Enum.GetValues<BackendError>())
        {
            Assert.Same(ProblemTypes.For(error), Assert.Single(ProblemTypes.All, type => type.Errors.Contains(error)));
        }
    }

    [Fact]
    public void Names_are_unique_and_everything_is_described()
    {
        Assert.Equal(ProblemTypes.All.Count, ProblemTypes.All.Select(type => type.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(ProblemTypes.All, type => Assert.True(type.Title.Length > 5 && type.Description.Length > 20));
    }
}
