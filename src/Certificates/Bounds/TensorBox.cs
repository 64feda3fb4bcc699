namespace QSim.Certificates.Bounds;

/// <summary>An interval for each raw value of a tensor, [channel][row][column].</summary>
public sealed class TensorBox
{
    /// <summary>A box from its ends.</summary>
    /// <exception cref="ArgumentException">They differ in length, or cross.</exception>
    public TensorBox(long[] low, long[] high)
    {
        if (low.Length != high.Length)
            throw new ArgumentException($"{low.Length} lower and {high.Length} upper ends");
        for (int i = 0; i < low.Length; i++)
            if (low[i] > high[i])
                throw new ArgumentException($"value {i}: nothing lies in {low[i]}..{high[i]}");
        (Low, High) = (low, high);
    }

    /// <summary>A box of a length, to be filled.</summary>
    internal TensorBox(int length) => (Low, High) = (new long[length], new long[length]);

    /// <summary>The lower ends.</summary>
    public long[] Low { get; }

    /// <summary>The upper ends.</summary>
    public long[] High { get; }

    /// <summary>Number of values.</summary>
    public int Length => Low.Length;

    /// <summary>The interval of one value.</summary>
    public Interval this[int i]
    {
        get => new(Low[i], High[i]);
        internal set => (Low[i], High[i]) = (value.Low, value.High);
    }

    /// <summary>Whether every value of a tensor is in its interval.</summary>
    public bool Contains(ReadOnlySpan<long> values)
    {
        for (int i = 0; i < values.Length; i++)
            if (!this[i].Contains(values[i])) return false;
        return values.Length == Length;
    }
}
