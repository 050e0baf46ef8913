using Gateway.Broker.Backends;
using Gateway.Sftp;

namespace Gateway.UnitTests.Sftp;

public sealed class SftpActivitiesTests
{
    private static readonly BackendSettings s_settings = new()
    {
        Name = "files",
        Host = "sftp.example.com",
        Port = 22,
        Username = "somebody",
        Password = new Secret("correct-horse"),
        Symlinks = SymlinkPolicy.WithinRoot,
        ConnectTimeout = TimeSpan.FromSeconds(1),
        OperationTimeout = TimeSpan.FromSeconds(1),
        StallTimeout = TimeSpan.FromSeconds(1),
    };

    [Fact]
    public void Where_nobody_listens_nothing_is_made()
    {
        var activities = new SftpActivities(s_settings);
        Assert.Null(activities.StartOpen("read"));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            using var activity = activities.StartOpen("read");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
