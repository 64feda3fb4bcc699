using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Packed;

/// <summary>A step on 16-bit operands, and whether it counts events too.</summary>
internal sealed record PackedStep(Step Step, bool CountsEvents);

/// <summary>Prepares a layer for the loops over pairs of 16-bit operands, where a law allows one.</summary>
internal static class PackedPlan
{
    /// <summary>Null when the layer needs its steps taken one by one.</summary>
    public static PackedStep? Prepare(MacShape shape, StepPlace place)
    {
        MacLayer layer = shape.Layer;
        bool narrow = place.Inputs[0].IsNarrow && place.Output.IsNarrow && layer.Mac.ProductStage == ProductStage.Exact;
        if (!narrow || PackedSum.Of(layer, place.Inputs[0]) is not { } sum) return null;

        RowSource<short> rows = KernelRowCopy.Supports(layer)
            ? new KernelRowCopy(layer, place.Inputs[0])
            : new WindowGather<short, short>(layer, place.Inputs[0], subtractsOffset: false);
        Accumulation<short, int> accumulation = Pairs(shape, rows, sum);
        if (sum.Finish is { } finish) accumulation = new FinishedAccumulation(accumulation, finish);
        OutputStage<int> output = Output(shape, place, sum.Range);
        return new(new MacStep<short, int>(shape, rows, accumulation, output, raisesFlags: false), sum.HasNoEvents);
    }

    private static Accumulation<short, int> Pairs(MacShape shape, RowSource<short> rows, PackedSum sum)
    {
        if (Avx512BW.IsSupported && !IsMostlyPadding(shape, Vector512<int>.Count))
            return new PairAccumulation<Pairs512, Vector512<int>>(shape, rows, Weights(Pairs512.Lanes));
        if (Avx2.IsSupported && !IsMostlyPadding(shape, Vector256<int>.Count))
            return new PairAccumulation<Pairs256, Vector256<int>>(shape, rows, Weights(Pairs256.Lanes));
        return new PairAccumulation<Pairs128, Vector128<int>>(shape, rows, Weights(Pairs128.Lanes));

        PackedWeights Weights(int lanes) => new(shape, rows.Order, lanes, sum.WeightShift, c => sum.Start(layer: shape.Layer, c));
    }

    private static bool IsMostlyPadding(MacShape shape, int lanes) => shape.GroupChannels <= lanes / 2;

    private static OutputStage<int> Output(MacShape shape, StepPlace place, ExactRange accumulators)
    {
        Requantization[] channels = [.. shape.Layer.Requantization];
        var scalar = new ScalarOutput<int, short>(shape, place);
        if (OutputScaling.Of(channels) is not { } scaling) return scalar;
        if (scaling.Fits(accumulators, channels, 32))
            return new VectorOutput<int>(shape, place, new(scaling, channels, place.Output.Offset), scalar);
        return scaling.Fits(accumulators, channels, 64)
            ? new VectorOutput<long>(shape, place, new(scaling, channels, place.Output.Offset), scalar)
            : scalar;
    }
}
