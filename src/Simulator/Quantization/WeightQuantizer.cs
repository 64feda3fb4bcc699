using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Raw weights and what their steps stand for.</summary>
/// <param name="Raw">In the float weights' order.</param>
/// <param name="Scales">One per output channel; all equal when the format is per tensor.</param>
/// <param name="IsSigned">Whether raw weights may be negative.</param>
/// <param name="Overflowed">Weights that left their format's range.</param>
internal sealed record QuantizedWeights(
    ImmutableArray<int> Raw, ImmutableArray<TensorScale> Scales, bool IsSigned, long Overflowed = 0)
{
    /// <summary>Products per output channel.</summary>
    public int Depth => Raw.Length / Scales.Length;

    /// <summary>The sum of one output channel's raw weights.</summary>
    public long Sum(int channel)
    {
        long sum = 0;
        foreach (int raw in Raw.AsSpan(channel * Depth, Depth)) sum += raw;
        return sum;
    }
}

/// <summary>Real weights to raw ones, with one scale or one per output channel.</summary>
internal static class WeightQuantizer
{
    /// <param name="weights">Output channels one after another.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="format">Their format.</param>
    /// <param name="leastSteps">
    /// A calibrated step is at least this, per output channel (<see cref="BiasRoom"/>).
    /// </param>
    public static QuantizedWeights Quantize(
        float[] weights, int channels, ValueFormat format, ImmutableArray<double> leastSteps)
    {
        if (format.IsBipolar)
            return BipolarWeights.Quantize(weights, channels, format, leastSteps);
        bool isSigned = format.Signedness != Signedness.Unsigned;
        ConversionSpec target = RealConversion.Target(format, isSigned);
        int depth = weights.Length / channels;
        ImmutableArray<TensorScale> scales = Widened(
            Scales(weights, channels, format, isSigned), leastSteps, format);
        int[] raw = new int[weights.Length];
        long overflowed = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            var events = ConversionEvents.None;
            raw[i] = (int)
                RealConversion.QuantizeCounting(
                    weights[i], scales[i / depth], format.Rounding, target, ref events);
            if ((events & ConversionEvents.Overflowed) != 0) overflowed++;
        }

        return new([.. raw], scales, isSigned, overflowed);
    }

    /// <summary>
    /// Scales no finer than <paramref name="leastSteps"/>; a shared one gives way to all channels.
    /// </summary>
    public static ImmutableArray<TensorScale> Widened(
        ImmutableArray<TensorScale> scales, ImmutableArray<double> leastSteps, ValueFormat format)
    {
        if (!format.IsCalibrated) return scales;
        return format.Granularity == ScaleGranularity.PerChannel
            ? [.. scales.Select((s, c) => s.AtLeast(leastSteps[c]))]
            : [.. scales.Select(s => s.AtLeast(leastSteps.Max()))];
    }

    /// <summary>The same as quantizers, one for all weights or one per output channel.</summary>
    public static ImmutableArray<FakeQuantizer> Quantizers(
        float[] weights, int channels, ValueFormat format)
    {
        int count =
            format.IsCalibrated && format.Granularity == ScaleGranularity.PerChannel ? channels : 1;
        if (format.IsBipolar)
            return BipolarWeights.Quantizers(weights, count, format);
        bool isSigned = format.Signedness != Signedness.Unsigned;
        ConversionSpec target = RealConversion.Target(format, isSigned);
        return
        [
            .. Scales(weights, count, format, isSigned)
                .Select(scale => new FakeQuantizer(scale, format.Rounding, target)),
        ];
    }

    private static ImmutableArray<TensorScale> Scales(
        float[] weights, int channels, ValueFormat format, bool isSigned)
    {
        int depth = weights.Length / channels;
        bool perChannel = format.IsCalibrated && format.Granularity == ScaleGranularity.PerChannel;
        TensorScale shared = perChannel
            ? default
            : ScaleCalibrator.Choose(format, isSigned, weights);
        return
        [
            .. Enumerable.Range(0, channels).Select(c => perChannel
                ? ScaleCalibrator.Choose(format, isSigned, weights.AsSpan(c * depth, depth))
                : shared),
        ];
    }
}
