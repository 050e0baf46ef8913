using Gateway.Sftp.Protocol;

namespace Gateway.UnitTests.Sftp.Protocol;

public sealed class SftpPacketReaderTests
{
    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 5, 1, 2 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 1 })]
    [InlineData(new byte[] { 0x7F, 0xFF, 0xFF, 0xFF })]
    public void A_string_longer_than_its_packet_is_a_protocol_error(byte[] packet) =>
        Assert.Throws<SftpProtocolException>(() =>
        {
            var reader = new SftpPacketReader(packet);
            reader.ReadString();
        });

    [Fact]
    public void Attributes_are_read_field_by_field()
    {
        byte[] packet =
        [
            0x80, 0, 0, 0x0F,
            0, 0, 0, 1, 0, 0, 0, 2,
            0, 0, 0, 3, 0, 0, 0, 4,
            0, 0, 0x81, 0xA4,
            0, 0, 0, 5, 0, 0, 0, 6,
            0, 0, 0, 1, 0, 0, 0, 1, (byte)'x', 0, 0, 0, 0,
        ];
        var reader = new SftpPacketReader(packet);

        var attributes = SftpAttributes.Read(ref reader);

        Assert.Equal((1L << 32) + 2, attributes.Length);
        Assert.Equal((3u, 4u, 5u, 6u), (attributes.UserId, attributes.GroupId, attributes.AccessTime, attributes.ModificationTime));
        Assert.True(attributes.IsFile);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void A_size_no_file_can_have_is_not_said()
    {
        var reader = new SftpPacketReader([0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.Null(SftpAttributes.Read(ref reader).Length);
    }

    [Fact]
    public void Random_bytes_give_a_protocol_error_or_a_value_and_nothing_else()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var packet = new byte[random.Next(64)];
            random.NextBytes(packet);
            try
            {
                var reader = new SftpPacketReader(packet);
                SftpAttributes.Read(ref reader);
                SftpExtensions.Read(ref reader);
                reader = new SftpPacketReader(packet);
                SftpLimits.Read(ref reader);
            }
            catch (SftpProtocolException)
            {
                // The one expected failure.
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}, round {round}: {e}");
            }
        }
    }
}
