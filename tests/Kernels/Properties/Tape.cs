using FsCheck;
using FsCheck.Fluent;

namespace QSim.Kernels.Tests.Properties;

/// <summary>
/// Numbers that were drawn beforehand, in place of a seed: a failing case shrinks by shrinking
/// them. After the last one follow zeros, and a zero is the simplest choice there is.
/// </summary>
/// <param name="numbers">The numbers.</param>
internal sealed class Tape(IReadOnlyList<ulong> numbers) : Random
{
    private const int Length = 400;
    private int _next;

    /// <summary>Any tape, and simpler ones.</summary>
    public static Arbitrary<ulong[]> Any { get; } = Arb.From(
        from high in Gen.Choose(0, int.MaxValue).ArrayOf(Length)
        from low in Gen.Choose(0, int.MaxValue).ArrayOf(Length)
        select high.Zip(low, (h, l) => ((ulong)h << 33) ^ (ulong)l).ToArray(),
        Simpler);

    /// <inheritdoc/>
    public override int Next(int maxValue) => (int)NextInt64(0, maxValue);

    /// <summary>The number of a range that is nearest to zero, where the tape says zero.</summary>
    public override long NextInt64(long minValue, long maxValue)
    {
        if (minValue == maxValue) return minValue;
        ulong range = unchecked((ulong)maxValue - (ulong)minValue);
        ulong nearest = unchecked((ulong)Math.Clamp(0, minValue, maxValue - 1) - (ulong)minValue);
        UInt128 at = (UInt128)nearest + Take();
        return unchecked(minValue + (long)(ulong)(at % range));
    }

    /// <inheritdoc/>
    public override double NextDouble() => (Take() >> 11) * Math.ScaleB(1, -53);

    private ulong Take() => _next < numbers.Count ? numbers[_next++] : 0;

    private static IEnumerable<ulong[]> Simpler(ulong[] tape)
    {
        for (int length = tape.Length / 2; length > 0; length /= 2)
            yield return tape[..^length];
        for (int i = 0; i < tape.Length; i++)
            foreach (ulong number in Simpler(tape[i]))
                yield return [.. tape[..i], number, .. tape[(i + 1)..]];
    }

    /// <summary>Ever nearer to the number itself, so that a bound is found by halving.</summary>
    private static IEnumerable<ulong> Simpler(ulong number)
    {
        for (ulong less = number; less > 0; less /= 2) yield return number - less;
    }
}
