using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Conformance;

/// <summary>Choices: the same source of numbers makes the same program.</summary>
internal sealed class Choices(Random source)
{
    private readonly Random _random = source;

    /// <summary>Seeded choices.</summary>
    public Choices(int seed) : this(new CountedRandom(seed))
    {
    }

    /// <summary>A whole number, both ends possible.</summary>
    public int Between(int low, int high) => (int)_random.NextInt64(low, high + 1L);

    /// <summary>A whole number, both ends possible.</summary>
    public long Between(long low, long high) =>
        _random.NextInt64(low, high) + (_random.Next(2) == 0 ? 0 : 1);

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => _random.NextDouble() < probability;

    /// <summary>A real number, the upper end excluded.</summary>
    public float Real(float low, float high) =>
        (float)(low + ((high - low) * _random.NextDouble()));

    /// <summary>One of some values, all as likely.</summary>
    public T Of<T>(params T[] values) => values[_random.Next(values.Length)];

    /// <summary>One of an enumeration's values.</summary>
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

    /// <summary>
    /// A tensor's type: mostly up to 8 bits, signed or not, some with a zero point.
    /// </summary>
    public TensorType Type(TensorShape shape)
    {
        int bits = Chance(0.8) ? Between(2, 8) : Between(1, 16);
        bool isSigned = Chance(0.6);
        TensorType type = new(shape, bits, isSigned, 1);
        return Chance(0.3) ? type with { ZeroPoint = (int)Raw(type.MinRaw, type.MaxRaw) } : type;
    }
}
