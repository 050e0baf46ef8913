using System.Runtime.InteropServices;

namespace Gateway.Api.Directories.Zip;

/// <summary>The check sum of ZIP (CRC-32 of ISO 3309), sixteen bytes at a step.</summary>
internal static class Crc32
{
    private const int Step = 16;

    private static readonly uint[] s_tables = CreateTables();

    /// <summary>Goes on with a sum; the first one is 0.</summary>
    public static uint Append(uint sum, ReadOnlySpan<byte> data)
    {
        var crc = ~sum;
        ReadOnlySpan<uint> tables = s_tables;
        while (data.Length >= Step)
        {
            // The sum so far only reaches the first four bytes; each byte has the table of its distance to the end.
            var words = MemoryMarshal.Cast<byte, uint>(data[..Step]);
            crc = Look(tables, words[0] ^ crc, 15) ^ Look(tables, words[1], 11) ^ Look(tables, words[2], 7) ^ Look(tables, words[3], 3);
            data = data[Step..];
        }

        foreach (var value in data)
        {
            crc = tables[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint Look(ReadOnlySpan<uint> tables, uint word, int distance) =>
        tables[(distance * 256) + (byte)word]
        ^ tables[((distance - 1) * 256) + (byte)(word >> 8)]
        ^ tables[((distance - 2) * 256) + (byte)(word >> 16)]
        ^ tables[((distance - 3) * 256) + (int)(word >> 24)];

    private static uint[] CreateTables()
    {
        const uint Polynomial = 0xEDB88320;
        var tables = new uint[Step * 256];
        for (uint value = 0; value < 256; value++)
        {
            var crc = value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
            }

            tables[value] = crc;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
        }

        return tables;
    }
}
