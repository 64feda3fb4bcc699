using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Output;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac.Stepwise;

/// <summary>Steps of the rows that take every update in its order.</summary>
internal static class StepwiseRows
{
    /// <summary>Channels side by side in vectors.</summary>
    public static RowStep Vectors<T>(MacShape shape, StepPlace place)
        where T : unmanaged, IBinaryInteger<T>
    {
        RowSource<T> rows = Rows<T>(shape, place);
        return Step(shape, place, rows, Sequential(shape, rows));
    }

    /// <summary>One output at a time.</summary>
    public static RowStep Scalar(MacShape shape, StepPlace place)
    {
        RowSource<long> rows = Rows<long>(shape, place);
        return Step(shape, place, rows, new ScalarAccumulation(shape, place, rows));
    }

    private static RowSource<T> Rows<T>(MacShape shape, StepPlace place)
        where T : unmanaged, IBinaryInteger<T> =>
        place.Inputs[0].IsNarrow
            ? new WindowGather<short, T>(shape.Layer, place.Inputs[0])
            : new WindowGather<long, T>(shape.Layer, place.Inputs[0]);

    private static RowStep Step<T>(
        MacShape shape, StepPlace place, RowSource<T> rows, Accumulation<T, T> accumulation)
        where T : unmanaged, IBinaryInteger<T>
    {
        OutputStage<T> output =
            !place.Output.IsNarrow ? new ScalarOutput<T, long>(shape, place)
            : typeof(T) == typeof(int)
                ? (OutputStage<T>)
                    (object)OutputStages.Of(shape, place, ExactRange.Of(shape.Layer.Mac.Update))
            : new ScalarOutput<T, short>(shape, place);
        return new(
            new MacStep<T, T>(shape, rows, accumulation, output, raisesFlags: true),
            CountsEvents: true);
    }

    /// <summary>
    /// True when every exact intermediate, from the formats alone, fits signed lanes of this width.
    /// </summary>
    public static bool FitsLanes<T>(MacLayer layer)
        where T : unmanaged, IBinaryInteger<T>
    {
        var steps = new MacSteps(layer);
        if (!VectorConversion<T>.Supports(steps.Update)) return false;
        if (steps.ConvertsProducts && !VectorConversion<T>.Supports(steps.Product)) return false;
        return layer.Facts.Chain.Widths().Max(w => w.Bits) <= Unsafe.SizeOf<T>() * 8;
    }

    private static Accumulation<T, T> Sequential<T>(MacShape shape, RowSource<T> rows)
        where T : unmanaged, IBinaryInteger<T>
    {
        ConversionSpec update = shape.Layer.Mac.Update;
        return update.Shift == 0 ? Sequential<T, NoRounding>(shape, rows)
            : update.Rounding == RoundingMode.TowardNegative
                ? Sequential<T, FloorRounding>(shape, rows)
            : Sequential<T, AnyRounding>(shape, rows);
    }

    private static Accumulation<T, T> Sequential<T, TRounding>(MacShape shape, RowSource<T> rows)
        where T : unmanaged, IBinaryInteger<T>
        where TRounding : struct, IVectorRounding
    {
        ConversionSpec update = shape.Layer.Mac.Update;
        return update.Overflow switch
        {
            OverflowMode.Saturate or OverflowMode.SaturateSymmetric =>
                new SequentialAccumulation<T, TRounding, Saturation>(shape, rows),
            OverflowMode.Wrap when update is { SaturationBits: 0, IsSigned: true } =>
                new SequentialAccumulation<T, TRounding, SignedWrap>(shape, rows),
            OverflowMode.Wrap or OverflowMode.SaturateToZero or OverflowMode.WrapSignMagnitude =>
                new SequentialAccumulation<T, TRounding, AnyOverflow>(shape, rows),
        };
    }
}
