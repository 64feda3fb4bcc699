using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Conformance;

/// <summary>
/// Numbers that a seed alone decides, whatever the version of .NET: <see cref="Philox"/> of how
/// many were drawn before.
/// </summary>
/// <param name="seed">The key.</param>
internal sealed class CountedRandom(int seed) : Random
{
    private uint _drawn;

    /// <inheritdoc/>
    public override double NextDouble() => Sample();

    /// <inheritdoc/>
    public override int Next(int maxValue) => (int)NextInt64(0, maxValue);

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue)
    {
        ulong range = unchecked((ulong)maxValue - (ulong)minValue);
        return unchecked((long)((ulong)minValue + Math.BigMul(Draw(), range, out _)));
    }

    /// <inheritdoc/>
    protected override double Sample() => (Draw() >> 11) * Math.ScaleB(1, -53);

    private ulong Draw()
    {
        UInt4 words = Philox.Generate((ulong)seed, new(_drawn++, 0, 0, 0));
        return ((ulong)words.Y << 32) | words.X;
    }
}
