namespace QSim.Fuzz;

/// <summary>Numbers that follow from a seed and a mutant's index alone (SplitMix64).</summary>
internal sealed class Dice(ulong seed, string format, int mutant)
{
    private ulong _state = (seed * 0x9E3779B97F4A7C15UL)
        + (Hash(format) * 0xD1342543DE82EF95UL) + ((ulong)mutant * 0xBF58476D1CE4E5B9UL);

    /// <summary>A number below another.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)Math.Max(1, limit));

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    /// <summary>One of several.</summary>
    public T Of<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    private static ulong Hash(string text) =>
        text.Aggregate(7UL, (hash, c) => unchecked((hash * 31) + c));
}
