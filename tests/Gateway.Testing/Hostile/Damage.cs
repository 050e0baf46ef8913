namespace Gateway.Testing.Hostile;

/// <summary>What happens to bytes on their way out of a hostile server.</summary>
public static class Damage
{
    /// <summary>Mostly nothing; else one of many things. The same random numbers do the same.</summary>
    public static byte[] Some(Random random, byte[] bytes)
    {
        int kind, place, value;
        lock (random)
        {
            (kind, place, value) = (random.Next(40), random.Next(Math.Max(1, bytes.Length)), random.Next(256));
        }

        switch (kind)
        {
            case 0 or 1 or 2 when bytes.Length > 0:
                var changed = (byte[])bytes.Clone();
                changed[place] = (byte)value;
                return changed;
            case 3:
                return bytes[..place];
            case 4:
                return [.. bytes, .. bytes];
            case 5:
                return [.. bytes[..place], (byte)value, .. bytes[place..]];
            case 6 when bytes.Length > 8:
                // A length or a count, among others.
                var maximal = (byte[])bytes.Clone();
                maximal.AsSpan(place & ~3, Math.Min(4, bytes.Length - (place & ~3))).Fill(value < 128 ? (byte)0xFF : (byte)0);
                return maximal;
            case 7:
                return [.. bytes[..place], .. Enumerable.Repeat((byte)value, 1 << (value % 17)), .. bytes[place..]];
            default:
                return bytes;
        }
    }
}
