using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// How fine a calibrated weight scale may be before its channel's bias leaves the accumulator. A
/// channel whose weights are nearly zero (pruned, a batch norm with a tiny gamma) would otherwise
/// get so fine a scale that its bias, which is all that it says, is clipped.
/// </summary>
internal static class BiasRoom
{
    private const int FullWidth = 32;

    /// <summary>
    /// The least weight step per output channel; 0 where the bias sets no limit. An accumulator of
    /// 32 bits or more keeps half its range for products, as TFLite's quantizer has it. A narrower
    /// one is the hardware's own choice, which a shared scale does not give way to: there only
    /// scales per channel widen, and no further than the bias needs.
    /// </summary>
    /// <param name="stages">The layer's stages.</param>
    /// <param name="inputStep">What one raw input step stands for.</param>
    /// <param name="bias">Real biases.</param>
    public static ImmutableArray<double> LeastSteps(
        LayerDatapath stages, double inputStep, ReadOnlySpan<float> bias)
    {
        AccumulatorFormat accumulator = stages.Accumulator;
        bool isWide = accumulator.Bits >= FullWidth;
        bool followsWeights = stages.Product is null && accumulator.FractionBits is null;
        bool widens = stages.Weight.Granularity == ScaleGranularity.PerChannel || isWide;
        double[] least = new double[bias.Length];
        if (!stages.Weight.IsCalibrated || !followsWeights || !widens) return [.. least];
        var format = new FixedFormat(accumulator.Bits, 0, accumulator.IsSigned);
        for (int c = 0; c < bias.Length; c++)
        {
            double limit = bias[c] < 0 ? -(double)format.MinRaw : format.MaxRaw;
            if (isWide) limit /= 2;
            if (limit > 0 && float.IsFinite(bias[c]))
                least[c] = Math.Abs((double)bias[c]) / (limit * inputStep);
        }

        return [.. least];
    }
}
