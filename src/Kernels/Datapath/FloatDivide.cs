using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;

namespace QSim.Kernels.Datapath;

/// <summary>The quotient of two tensors of float32 numbers, rounded to float32.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Inputs">What is divided, and what divides it.</param>
/// <param name="Output">The inputs' shape.</param>
internal sealed record FloatDivideLayer(
    string Name, ImmutableArray<int> Inputs, TensorType Output) : ProgramLayer(Name, Inputs, Output)
{
    /// <inheritdoc/>
    public override ImmutableArray<EventStage> EventStages => [];

    /// <inheritdoc/>
    public override bool IsStochastic => false;

    /// <inheritdoc/>
    public override RoundingMode? OutputRounding => null;

    /// <summary>
    /// The quotient of two numbers. By 0 it is the largest number with the sign of the first, which
    /// quantizers saturate as they do infinity; of 0 and 0 the least, for ONNX Runtime's quantizers
    /// make their least integer of what is no number.
    /// </summary>
    public static long Quotient(long first, long second) =>
        second == 0
            ? first > 0 ? OrderedFloat.Largest : -OrderedFloat.Largest
            : OrderedFloat.Of(Binary32.Divide(
                OrderedFloat.Number(first), OrderedFloat.Number(second)));

    /// <inheritdoc/>
    public override string? WhyNot(IReadOnlyList<TensorType> inputs) =>
        inputs.Count != 2 || inputs.Append(Output).Any(t => !t.IsFloat32)
        || inputs.Any(i => i.Shape != Output.Shape)
            ? "divides two tensors of float32 numbers of one shape"
            : null;

    /// <inheritdoc/>
    public override IEnumerable<StageWidth> Widths(IReadOnlyList<TensorType> inputs) => [];

    /// <inheritdoc/>
    public override RawRange OutputRange(IReadOnlyList<RawRange> inputs)
    {
        RawRange first = inputs[0], second = inputs[1];
        bool byZero = second.Low <= 0 && second.High >= 0;
        return FloatLayerRanges.Of(
            Output,
            first.Low < 0 || second.Low < 0 || (byZero && first.Low <= 0),
            first.High > 0 || second.Low < 0);
    }
}
