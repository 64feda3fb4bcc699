using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu.General;

/// <summary>What the average needs besides data and window. Blittable.</summary>
/// <param name="InputSigned">1 when raw inputs may be negative.</param>
/// <param name="Min">Smallest raw output.</param>
/// <param name="Max">Largest raw output.</param>
/// <param name="Unit">Accumulator, division and rounding.</param>
/// <param name="Events">1 when events are written.</param>
internal readonly record struct AverageSpec(
    int InputSigned, long Min, long Max, AverageUnit Unit, int Events);

/// <summary>Pooling, one thread per output; padding is left out.</summary>
internal static class PoolKernels
{
    /// <summary>The largest value in the window.</summary>
    public static void Max(
        Index1D index, ArrayView<int> input, ArrayView<int> output, PoolWindow window,
        int inputSigned)
    {
        WindowWalk walk = window.Shape.Place(index).Origin;
        long largest = long.MinValue;
        for (int i = 0; i < window.Taps.Length; i++)
        {
            walk = walk.Step(window.Taps[i]);
            long x = Raw.Load(input[walk.Inside(input.Length)], inputSigned);
            if (window.Shape.Holds(walk)) largest = IntrinsicMath.Max(x, largest);
        }

        output[index] = (int)largest;
    }

    /// <summary>The rounded mean of the window, fitted.</summary>
    public static void Average(
        Index1D index, ArrayView<int> input, LayerResults to, PoolWindow window, AverageSpec spec,
        RunKey key)
    {
        WindowPlace place = window.Shape.Place(index);
        WindowWalk walk = place.Origin;
        long sum = 0;
        int count = 0;
        ConversionEvents accumulated = ConversionEvents.None;
        for (int i = 0; i < window.Taps.Length; i++)
        {
            walk = walk.Step(window.Taps[i]);
            long x = Raw.Load(input[walk.Inside(input.Length)], spec.InputSigned);
            if (!window.Shape.Holds(walk)) continue;
            sum = spec.Unit.Add(sum, x, ref accumulated);
            count++;
        }

        ulong bits = key.Random(spec.Unit.Rounding, EventStage.Output, place.Image, place.Element);
        ConversionEvents met = ConversionEvents.None;
        long mean = spec.Unit.Mean(sum, count, bits, ref met);
        long fitted = mean < spec.Min ? spec.Min : mean > spec.Max ? spec.Max : mean;
        to.Output[index] = (int)fitted;
        if (spec.Events == 0) return;
        if (fitted != mean) met |= ConversionEvents.Overflowed;
        to.Events[index] =
            EventFlags.Of(EventStage.Accumulator, accumulated)
            | EventFlags.Of(EventStage.Output, met);
    }
}
