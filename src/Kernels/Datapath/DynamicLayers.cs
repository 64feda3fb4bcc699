using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>
/// The ends of a float32 tensor's range over one image: the least value or 0, then the largest or
/// 0. Scales that depend on the image are made of them (<see cref="DynamicScale"/>).
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">One tensor of float32 numbers.</param>
/// <param name="Output">Two float32 numbers.</param>
internal sealed record RangeLayer(string Name, ImmutableArray<int> Inputs, TensorType Output)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>The shape of a range.</summary>
    public static TensorShape Shape { get; } = new(2);

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true }] || !IsRange(Output)
            ? "a range is two float32 numbers of a tensor of such"
            : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) =>
        inputs[0].Or(new(0, 0));

    /// <summary>Whether a tensor can hold a range.</summary>
    internal static bool IsRange(TensorType type) => type.IsFloat32 && type.Shape == Shape;
}

/// <summary>
/// float32 numbers to 8 bits with the scale and zero point of one image's range, the zero point
/// subtracted again (<see cref="DynamicScale.Quantize"/>).
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">A tensor of float32 numbers, and its range.</param>
/// <param name="Output">Nine bits with a sign; the first input's shape.</param>
internal sealed record DynamicQuantizeLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output) : ProgramLayer(Name, Inputs, Output)
{
    /// <summary>Bits of a value of 0..255 less another.</summary>
    public const int Bits = 9;

    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [EventStage.Output];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => RoundingMode.NearestTiesToEven;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: true } numbers, var range]
        || !RangeLayer.IsRange(range) || numbers.Shape != Output.Shape
            ? "reads float32 numbers and their range, and keeps the shape"
        : Output is not { Bits: Bits, IsSigned: true, ZeroPoint: 0 }
            ? $"writes {Bits} bits with a sign"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => new(
        inputs[0].Low < 0 ? -byte.MaxValue : 0, inputs[0].High > 0 ? byte.MaxValue : 0);
}

/// <summary>
/// Sums of what a <see cref="DynamicQuantizeLayer"/> made as float32 numbers, by the scale of the
/// same range (<see cref="DynamicScale.Rescale"/>), or of two ranges where it made both factors.
/// </summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">The sums, and the range, or two.</param>
/// <param name="Output">float32 numbers; the sums' shape.</param>
/// <param name="WeightSteps">One per channel, as <see cref="OrderedFloat"/> has them.</param>
/// <param name="Bias">Likewise.</param>
internal sealed record DynamicRescaleLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output, ImmutableArray<int> WeightSteps,
    ImmutableArray<int> Bias) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs is not [{ IsFloat32: false } sums, _, ..] || inputs.Count > 3
        || !inputs.Skip(1).All(RangeLayer.IsRange)
        || sums.Shape != Output.Shape || !Output.IsFloat32
            ? "reads sums and a range, and writes float32 numbers of the sums' shape"
        : WeightSteps.Length != Output.Shape.Channels || Bias.Length != Output.Shape.Channels
            ? $"{WeightSteps.Length} steps and {Bias.Length} biases for {Output.Shape.Channels} "
                + "channels"
        : WeightSteps.Concat(Bias).Any(raw => Math.Abs((long)raw) > OrderedFloat.Largest)
            ? "a step or bias is not a finite number"
        : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => RawRange.Of(Output);
}

/// <summary>The sum of two tensors of float32 numbers, rounded to float32.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">Two tensors.</param>
/// <param name="Output">The inputs' shape.</param>
internal sealed record FloatAddLayer(string Name, ImmutableArray<int> Inputs, TensorType Output)
    : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <summary>The sum of two numbers; with 0 the other one, however small.</summary>
    public static long Sum(long first, long second) => first == 0 || second == 0
        ? first + second
        : OrderedFloat.Of(
            Binary32.Add(OrderedFloat.Number(first), OrderedFloat.Number(second)));

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Count != 2 || inputs.Append(Output).Any(t => !t.IsFloat32)
        || inputs.Any(i => i.Shape != Output.Shape)
            ? "adds two tensors of float32 numbers of one shape"
            : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs) => RawRange.Of(Output);
}
