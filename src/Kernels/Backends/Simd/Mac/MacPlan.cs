using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>Chooses the cheapest loop that is exact for a layer.</summary>
internal static class MacPlan
{
    public static Step Prepare(MacLayer layer, StepPlace place)
    {
        var shape = new MacShape(layer);
        if (FitsLanes<int>(layer)) return Compose<int>(shape, place, Sequential<int>(shape));
        return Compose<long>(
            shape, place, FitsLanes<long>(layer) ? Sequential<long>(shape) : new ScalarAccumulation(shape, place));
    }

    private static Step Compose<T>(MacShape shape, StepPlace place, Accumulation<T> accumulation)
        where T : unmanaged, IBinaryInteger<T>
    {
        WindowGather<T> gather = place.Inputs[0].IsNarrow
            ? new WindowGather<short, T>(shape.Layer, place.Inputs[0])
            : new WindowGather<long, T>(shape.Layer, place.Inputs[0]);
        return place.Output.IsNarrow
            ? new MacStep<T, short>(shape, place, gather, accumulation)
            : new MacStep<T, long>(shape, place, gather, accumulation);
    }

    /// <summary>True when every exact intermediate, from the formats alone, fits signed lanes of this width.</summary>
    private static bool FitsLanes<T>(MacLayer layer)
        where T : unmanaged, IBinaryInteger<T>
    {
        var steps = new MacSteps(layer);
        if (!VectorConversion<T>.Supports(steps.Update)) return false;
        if (steps.ConvertsProducts && !VectorConversion<T>.Supports(steps.Product)) return false;
        ExactRange x = ExactRange.Of(layer.Input) + -(long)layer.Mac.InputOffset;
        ExactRange product = x * ExactRange.Of(new FixedFormat(layer.WeightBits, 0, layer.WeightsSigned));
        ExactRange partial = (steps.ConvertsProducts ? ExactRange.Of(steps.Product) : product) * steps.Lanes;
        ExactRange accumulator = ExactRange.Of(steps.Update) << steps.AccumulatorAlign;
        ExactRange sum = accumulator + (partial << steps.PartialAlign);
        ExactRange withBias = steps.BiasFirst ? accumulator : accumulator + accumulator;
        int widest = Enumerable.Max([x.Bits, product.Bits, partial.Bits, sum.Bits, withBias.Bits]);
        return widest <= System.Runtime.CompilerServices.Unsafe.SizeOf<T>() * 8;
    }

    private static Accumulation<T> Sequential<T>(MacShape shape)
        where T : unmanaged, IBinaryInteger<T>
    {
        ConversionSpec update = shape.Layer.Mac.Update;
        return update.Shift == 0 ? Sequential<T, NoRounding>(shape)
            : update.Rounding == RoundingMode.TowardNegative ? Sequential<T, FloorRounding>(shape)
            : Sequential<T, AnyRounding>(shape);
    }

    private static Accumulation<T> Sequential<T, TRounding>(MacShape shape)
        where T : unmanaged, IBinaryInteger<T>
        where TRounding : struct, IVectorRounding
    {
        ConversionSpec update = shape.Layer.Mac.Update;
        return update.Overflow switch
        {
            OverflowMode.Saturate or OverflowMode.SaturateSymmetric =>
                new SequentialAccumulation<T, TRounding, Saturation>(shape),
            OverflowMode.Wrap when update is { SaturationBits: 0, IsSigned: true } =>
                new SequentialAccumulation<T, TRounding, SignedWrap>(shape),
            _ => new SequentialAccumulation<T, TRounding, AnyOverflow>(shape),
        };
    }
}
