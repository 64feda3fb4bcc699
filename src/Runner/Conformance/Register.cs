using QSim.Kernels.Datapath;

namespace QSim.Runner.Conformance;

/// <summary>What one register of a layer held for some images.</summary>
/// <param name="Name">Its array, for example <c>conv1.accumulator</c>.</param>
/// <param name="Values">[image][channel][row][column], then step by step.</param>
/// <param name="Shape">Channels, rows and columns.</param>
/// <param name="Step">What a step is called; null where there is one value each.</param>
/// <param name="Steps">Values for each output.</param>
/// <param name="Bits">Its width.</param>
/// <param name="IsSigned">Whether it is two's complement.</param>
internal sealed record Register(
    string Name, long[] Values, TensorShape Shape, string? Step, int Steps, int Bits,
    bool IsSigned)
{
    /// <summary>Width of a register of flags: overflowed in bit 0, inexact in bit 1.</summary>
    public const int FlagBits = 2;

    /// <summary>The narrowest width that holds some values.</summary>
    public static (int Bits, bool IsSigned) Narrowest(IEnumerable<long> values)
    {
        long low = 0, high = 0;
        foreach (long value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        int above = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)high);
        int below = 65 - System.Numerics.BitOperations.LeadingZeroCount((ulong)~low);
        return low < 0 ? (Math.Max(above + 1, below), true) : (Math.Max(1, above), false);
    }
}
