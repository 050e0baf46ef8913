namespace Gateway.FunctionalTests.Contract;

/// <summary>Bytes that compress badly and repeat nowhere, the same in every run.</summary>
internal static class Payload
{
    public static byte[] Create(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Says where two contents part, instead of printing megabytes.</summary>
    public static void AssertSame(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual, string? what = null)
    {
        var common = expected.Span.CommonPrefixLength(actual.Span);
        Assert.True(
            common == expected.Length && common == actual.Length,
            $"{what} {actual.Length} bytes of {expected.Length}, the same up to {common}.");
    }
}
