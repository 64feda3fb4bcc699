using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>Weights of one bit, -1 and +1.</summary>
internal static class BipolarWeights
{
    /// <summary>Width of the raw values: a two's complement bit has no +1.</summary>
    public const int RawBits = 2;

    /// <summary>The sign of each weight; zero counts as positive.</summary>
    public static QuantizedWeights Quantize(float[] weights, int channels, ValueFormat format)
    {
        int depth = weights.Length / channels;
        bool perChannel = format.Granularity == ScaleGranularity.PerChannel;
        TensorScale shared = Scale(weights, format.Scale);
        return new(
            [.. weights.Select(w => w < 0 ? -1 : 1)],
            [.. Enumerable.Range(0, channels).Select(
                c => perChannel ? Scale(weights.AsSpan(c * depth, depth), format.Scale) : shared)],
            IsSigned: true);
    }

    /// <summary>The mean magnitude, or the power of two nearest to it in logarithm.</summary>
    private static TensorScale Scale(ReadOnlySpan<float> weights, ScaleKind kind)
    {
        double sum = 0;
        foreach (float weight in weights) sum += Math.Abs(weight);
        double mean = sum > 0 ? sum / weights.Length : 1;
        return kind == ScaleKind.Real
            ? TensorScale.Real(mean)
            : TensorScale.PowerOfTwo(-(int)Math.Round(Math.Log2(mean)));
    }
}
