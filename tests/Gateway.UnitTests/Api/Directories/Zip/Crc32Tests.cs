using System.Text;
using Gateway.Api.Directories.Zip;

namespace Gateway.UnitTests.Api.Directories.Zip;

public sealed class Crc32Tests
{
    [Theory]
    [InlineData("", 0x00000000)]
    [InlineData("a", 0xE8B7BE43)]
    [InlineData("123456789", 0xCBF43926)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339)]
    public void Known_sums(string text, uint expected) => Assert.Equal(expected, Crc32.Append(0, Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void In_whatever_pieces_the_sum_is_the_same()
    {
        var data = new byte[10_000];
        new Random(1).NextBytes(data);
        var expected = Crc32.Append(0, data);
        foreach (var piece in new[] { 1, 7, 16, 17, 4096 })
        {
            uint sum = 0;
            for (var i = 0; i < data.Length; i += piece)
            {
                sum = Crc32.Append(sum, data.AsSpan(i, Math.Min(piece, data.Length - i)));
            }

            Assert.Equal(expected, sum);
        }
    }
}
