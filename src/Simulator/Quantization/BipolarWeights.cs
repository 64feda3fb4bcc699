using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Weights whose bits stand for -1 and +1: b bits make the odd numbers from -(2^b - 1) to 2^b - 1,
/// and no zero. What is stored is the b-bit two's complement k of <c>raw = 2 k + 1</c>.
/// </summary>
internal static class BipolarWeights
{
    /// <summary>Width of the raw values: two's complement of b bits has no 2^b - 1.</summary>
    public static int RawBits(ValueFormat format) => format.Bits + 1;

    /// <summary>
    /// The nearest odd number; of two as near, the one whose k is even, so zero counts as positive.
    /// </summary>
    public static QuantizedWeights Quantize(
        float[] weights, int channels, ValueFormat format, ImmutableArray<double> leastSteps)
    {
        int depth = weights.Length / channels;
        int count =
            format.IsCalibrated && format.Granularity == ScaleGranularity.PerChannel ? channels : 1;
        TensorScale[] own = Scales(weights, count, format);
        ImmutableArray<TensorScale> scales = WeightQuantizer.Widened(
            [.. Enumerable.Range(0, channels).Select(c => own[count == 1 ? 0 : c])], leastSteps,
            format);
        ConversionSpec target = Target(format);
        int[] raw = new int[weights.Length];
        for (int i = 0; i < raw.Length; i++)
        {
            TensorScale scale = scales[i / depth];
            long stored = RealConversion.Quantize(
                weights[i] - scale.Step, Twice(scale), format.Rounding, target);
            raw[i] = (int)((2 * stored) + 1);
        }

        return new([.. raw], scales, IsSigned: true);
    }

    /// <summary>The same as quantizers: steps of 2 beginning at 1.</summary>
    public static ImmutableArray<FakeQuantizer> Quantizers(
        float[] weights, int channels, ValueFormat format) =>
        [
            .. Scales(weights, channels, format)
                .Select(s => new FakeQuantizer(Twice(s), format.Rounding, Target(format))
                {
                    Offset = s.Step,
                }),
        ];

    private static ConversionSpec Target(ValueFormat format) =>
        RealConversion.Target(format, isSigned: true);

    private static TensorScale Twice(TensorScale scale) =>
        scale with { Step = 2 * scale.Step, FractionBits = scale.FractionBits - 1 };

    private static TensorScale[] Scales(float[] weights, int channels, ValueFormat format)
    {
        int depth = weights.Length / channels;
        return
        [
            .. Enumerable.Range(0, channels).Select(c => format.FractionBits is int fraction
                ? TensorScale.PowerOfTwo(fraction)
                : MeanMagnitude(weights.AsSpan(c * depth, depth), format.Scale)),
        ];
    }

    /// <summary>The mean magnitude, or the power of two nearest to it in logarithm.</summary>
    private static TensorScale MeanMagnitude(ReadOnlySpan<float> weights, ScaleKind kind)
    {
        double sum = 0;
        foreach (float weight in weights) sum += Math.Abs(weight);
        double mean = sum > 0 ? sum / weights.Length : 1;
        return kind == ScaleKind.Real
            ? TensorScale.Real(mean)
            : TensorScale.PowerOfTwo(-(int)Math.Round(Math.Log2(mean)));
    }
}
