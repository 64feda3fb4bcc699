using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Raw weights and what their steps stand for.</summary>
/// <param name="Raw">In the float weights' order.</param>
/// <param name="Scales">One per output channel; all equal when the format is per tensor.</param>
/// <param name="IsSigned">Whether raw weights may be negative.</param>
internal sealed record QuantizedWeights(
    ImmutableArray<int> Raw, ImmutableArray<TensorScale> Scales, bool IsSigned)
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
    public static QuantizedWeights Quantize(float[] weights, int channels, ValueFormat format)
    {
        if (format.IsBipolar) return BipolarWeights.Quantize(weights, channels, format);
        bool isSigned = format.Signedness != Signedness.Unsigned;
        ConversionSpec target = RealConversion.Target(format, isSigned);
        int depth = weights.Length / channels;
        ImmutableArray<TensorScale> scales = Scales(weights, channels, format, isSigned);
        int[] raw = new int[weights.Length];
        for (int i = 0; i < raw.Length; i++)
            raw[i] = (int)
                RealConversion.Quantize(weights[i], scales[i / depth], format.Rounding, target);
        return new([.. raw], scales, isSigned);
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
