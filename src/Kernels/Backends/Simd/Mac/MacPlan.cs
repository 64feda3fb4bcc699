using System.Numerics;
using System.Runtime.CompilerServices;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends.Simd.Mac.Packed;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd.Mac;

/// <summary>Chooses the cheapest loop that is exact for a layer.</summary>
internal static class MacPlan
{
    public static Step Prepare(MacLayer layer, StepPlace place)
    {
        var shape = new MacShape(layer);
        Step stepwise = FitsLanes<int>(layer)
            ? Stepwise<int>(shape, place)
            : Stepwise<long>(shape, place);
        return PackedPlan.Prepare(shape, place) is { } packed
            ? packed.CountsEvents ? packed.Step : new EventsOrSpeed(stepwise, packed.Step)
            : stepwise;
    }

    private static MacStep<T, T> Stepwise<T>(MacShape shape, StepPlace place)
        where T : unmanaged, IBinaryInteger<T>
    {
        RowSource<T> rows = place.Inputs[0].IsNarrow
            ? new WindowGather<short, T>(shape.Layer, place.Inputs[0])
            : new WindowGather<long, T>(shape.Layer, place.Inputs[0]);
        Accumulation<T, T> accumulation = FitsLanes<T>(shape.Layer)
            ? Sequential(shape, rows)
            : (Accumulation<T, T>)
                (object)new ScalarAccumulation(shape, place, (RowSource<long>)(object)rows);
        OutputStage<T> output =
            !place.Output.IsNarrow ? new ScalarOutput<T, long>(shape, place)
            : typeof(T) == typeof(int)
                ? (OutputStage<T>)
                    (object)PackedPlan.Output(shape, place, ExactRange.Of(shape.Layer.Mac.Update))
            : new ScalarOutput<T, short>(shape, place);
        return new(shape, rows, accumulation, output, raisesFlags: true);
    }

    /// <summary>
    /// True when every exact intermediate, from the formats alone, fits signed lanes of this width.
    /// </summary>
    private static bool FitsLanes<T>(MacLayer layer)
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
            _ => new SequentialAccumulation<T, TRounding, AnyOverflow>(shape, rows),
        };
    }
}
