using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Raw weights and what their steps stand for.</summary>
/// <param name="Raw">In the float weights' order.</param>
/// <param name="Scales">One per output channel; all equal when the format is per tensor.</param>
/// <param name="IsSigned">Whether raw weights may be negative.</param>
internal sealed record QuantizedWeights(ImmutableArray<int> Raw, ImmutableArray<TensorScale> Scales, bool IsSigned)
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
        bool perChannel = format.IsCalibrated && format.Granularity == ScaleGranularity.PerChannel;
        TensorScale shared = perChannel ? default : ScaleCalibrator.Choose(format, isSigned, weights);
        var scales = ImmutableArray.CreateBuilder<TensorScale>(channels);
        int[] raw = new int[weights.Length];
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<float> own = weights.AsSpan(c * depth, depth);
            TensorScale scale = perChannel ? ScaleCalibrator.Choose(format, isSigned, own) : shared;
            scales.Add(scale);
            for (int i = 0; i < depth; i++)
                raw[(c * depth) + i] = (int)RealConversion.Quantize(own[i], scale, format.Rounding, target);
        }

        return new([.. raw], scales.MoveToImmutable(), isSigned);
    }
}
