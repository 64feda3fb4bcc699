using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// A step and a zero point that a file states, between float32 numbers and integers; every
/// operation is rounded to float32. Blittable.
/// </summary>
/// <param name="Step">Real value of one raw step, as <see cref="OrderedFloat"/> has it.</param>
/// <param name="Zero">The raw value of 0.</param>
internal readonly record struct FloatScale(int Step, int Zero)
{
    /// <summary>Whether it is one: a positive number that has all of its bits.</summary>
    public bool IsScale => Step is >= 0x00800000 and <= OrderedFloat.Largest;

    /// <summary>The number of a raw value: <c>float32(raw - Zero) * Step</c>.</summary>
    public long Number(long raw) => OrderedFloat.Of(Binary32.Multiply(
        Binary32.OfInteger(raw - Zero), OrderedFloat.Number(Step)));

    /// <summary>The raw value of a number: <c>Fit(Round(number / Step) + Zero)</c>.</summary>
    /// <param name="number">As <see cref="OrderedFloat"/> has it.</param>
    /// <param name="min">The least raw value.</param>
    /// <param name="max">The largest.</param>
    /// <param name="events">What happened.</param>
    public long Raw(long number, long min, long max, ref ConversionEvents events)
    {
        bool inexact = false;
        long raw = Binary32.Divide(OrderedFloat.Number(number), OrderedFloat.Number(Step))
            .ToInteger(ref inexact) + Zero;
        if (inexact) events |= ConversionEvents.Inexact;
        if (raw < min || raw > max) events |= ConversionEvents.Overflowed;
        return raw < min ? min : raw > max ? max : raw;
    }
}

/// <summary>Integers as float32 numbers (<see cref="FloatScale.Number"/>).</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor of integers.</param>
/// <param name="Output">float32 numbers; the input's shape.</param>
/// <param name="Scale">The integers' scale.</param>
internal sealed record FloatDequantizeLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, FloatScale Scale)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: false } integers] || integers.Shape != Output.Shape
        || !Output.IsFloat32
            ? "makes float32 numbers of integers and keeps their shape"
        : !Scale.IsScale || integers.ZeroPoint != Scale.Zero
            ? "its scale is not that of what it reads"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        new(Scale.Number(inputs[0].Low), Scale.Number(inputs[0].High));
}

/// <summary>float32 numbers to the nearest integers (<see cref="FloatScale.Raw"/>).</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor of float32 numbers.</param>
/// <param name="Output">At most 16 bits, into which values are fitted; the input's shape.</param>
/// <param name="Scale">The output's scale.</param>
internal sealed record FloatQuantizeLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, FloatScale Scale)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>How many bits a value may have.</summary>
    public const int MostBits = 16;

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => RoundingMode.NearestTiesToEven;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers] || numbers.Shape != Output.Shape
        || Output.Bits > MostBits
            ? $"makes integers of at most {MostBits} bits of float32 numbers and keeps their shape"
        : !Scale.IsScale || Output.ZeroPoint != Scale.Zero
            ? "its scale is not that of what it writes"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs)
    {
        var ignored = ConversionEvents.None;
        return new(
            Scale.Raw(inputs[0].Low, Output.MinRaw, Output.MaxRaw, ref ignored),
            Scale.Raw(inputs[0].High, Output.MinRaw, Output.MaxRaw, ref ignored));
    }
}
