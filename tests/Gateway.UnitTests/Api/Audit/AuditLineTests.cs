using Gateway.Api.Audit;

namespace Gateway.UnitTests.Api.Audit;

/// <summary>The audit's line, as text and as fields.</summary>
public sealed class AuditLineTests
{
    private static readonly AuditLine s_line = new()
    {
        Outcome = "completed",
        Status = 200,
        Caller = "ann",
        CallerKind = "api-key",
        LinkId = "l1",
        Client = "192.0.2.1",
        Method = "POST",
        Verb = "write",
        Backend = "files",
        Path = "/a b",
        TargetBackend = "other",
        Target = "/c",
        Bytes = 5_000_000_000,
        Entries = 3,
        DurationMilliseconds = 12,
        TraceId = "0af7651916cd43dd8448eb211c80319c",
    };

    [Fact]
    public void The_text_has_every_field_in_its_place() => Assert.Equal(
        "outcome=completed status=200 caller=\"ann\" kind=api-key link=l1 client=192.0.2.1 method=POST verb=write backend=files path=\"/a b\" "
        + "targetBackend=other target=\"/c\" bytes=5000000000 entries=3 ms=12 trace=0af7651916cd43dd8448eb211c80319c",
        s_line.ToString());

    [Fact]
    public void The_template_filled_with_the_fields_is_the_text()
    {
        var template = Assert.IsType<string>(s_line[^1].Value);
        Assert.Equal("{OriginalFormat}", s_line[^1].Key);
        Assert.Equal(s_line.ToString(), s_line.SkipLast(1).Aggregate(template, (text, field) => text.Replace($"{{{field.Key}}}", $"{field.Value}", StringComparison.Ordinal)));
    }
}
