using Gateway.Sftp.Protocol;
using Gateway.Testing.Fakes;

namespace Gateway.FunctionalTests.Sftp.Protocol;

public sealed class SftpFileWriterTests
{
    private const byte Close = 4;
    private const byte FStat = 8;
    private const byte Extended = 200;

    [Theory]
    [InlineData(true, true, new[] { Extended, FStat, Close })]
    [InlineData(true, false, new[] { FStat, Close })]
    [InlineData(false, true, new[] { FStat, Close })]
    public async Task The_disk_is_waited_for_where_that_is_wanted_and_offered(bool wanted, bool offered, byte[] requests)
    {
        await using var server = await ScriptedSftpServer.StartAsync();
        await using var channel = new SftpChannel(
            server.Client, () => Task.FromResult<Exception>(new IOException("The end.")), new SftpChannelOptions { Fsync = wanted }, TimeProvider.System);
        var starting = channel.StartAsync(CancellationToken.None);
        await server.GreetAsync(offered ? ["fsync@openssh.com"] : []);
        await starting;
        await using var writer = new SftpFileWriter(channel, new SftpHandle([1]));

        var finishing = writer.FinishAsync(CancellationToken.None).AsTask();
        foreach (var type in requests)
        {
            var request = await server.ReceiveAsync();
            Assert.Equal(type, request.Type);
            await (type == FStat ? server.SendAttributesAsync(request.Id, 0) : server.SendStatusAsync(request.Id, 0));
        }

        Assert.Equal(0, await finishing);
    }
}
