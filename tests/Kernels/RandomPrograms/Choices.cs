using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.RandomPrograms;

/// <summary>Choices: the same source of numbers makes the same program.</summary>
public sealed class Choices(Random source)
{
    private readonly Random _random = source;

    /// <summary>Seeded choices.</summary>
    public Choices(int seed) : this(new Random(seed))
    {
    }

    public int Between(int low, int high) => (int)_random.NextInt64(low, high + 1L);

    public long Between(long low, long high) =>
        _random.NextInt64(low, high) + (_random.Next(2) == 0 ? 0 : 1);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public T Of<T>(params T[] values) => values[_random.Next(values.Length)];

    public T OfEnum<T>()
        where T : struct, Enum => Of(Enum.GetValues<T>());

    /// <summary>
    /// A value of a range, its ends, zero and the neighbours of zero more often than chance.
    /// </summary>
    public long Raw(long min, long max) =>
        Math.Clamp(
            Chance(0.75) ? Between(min, max) : Of(min, max, 0, 1, -1, min + 1, max - 1), min, max);

    /// <summary>
    /// A conversion with the given shift into a format of the given width, every mode possible.
    /// </summary>
    public ConversionSpec Conversion(int bits, bool isSigned, int shift)
    {
        OverflowMode overflow = OfEnum<OverflowMode>();
        if (overflow == OverflowMode.WrapSignMagnitude && !isSigned) overflow = OverflowMode.Wrap;
        bool wraps = overflow is OverflowMode.Wrap or OverflowMode.WrapSignMagnitude;
        return ConversionSpec.Into(
            new FixedFormat(bits, 0, isSigned),
            shift,
            OfEnum<RoundingMode>(),
            overflow,
            wraps && Chance(0.3) ? Between(1, bits) : 0,
            OfEnum<OverflowDialect>());
    }

    public TensorType Type(TensorShape shape)
    {
        int bits = Chance(0.8) ? Between(2, 8) : Between(1, 16);
        bool isSigned = Chance(0.6);
        TensorType type = new(shape, bits, isSigned, 1);
        return Chance(0.3) ? type with { ZeroPoint = (int)Raw(type.MinRaw, type.MaxRaw) } : type;
    }
}
