using System.Collections.Immutable;
using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Simulator.Networks;
using QSim.Simulator.Profiles;

namespace QSim.Simulator.Quantization;

/// <summary>
/// Average pooling into another scale: a sum by a multiply-accumulate unit whose weights are 1, and
/// one requantization that divides, too. ONNX Runtime's QLinearGlobalAveragePool does that, with
/// the scale <c>float32(x / float32(y * count))</c>.
/// </summary>
internal sealed class OwnAverage(
    Func<string, string, Exception> refuse, LayerDatapath stages, QuantizedTensor input,
    QuantizedTensor output)
{
    private const int LitertBits = 8;
    private const int MultiplierBits = 32;

    /// <summary>The layer.</summary>
    public ProgramLayer Build(
        AveragePool2dLayer pool, ImmutableArray<int> inputs, ClampBounds clamp)
    {
        WindowGeometry window = pool.Geometry;
        if (window.HasPadding)
            throw refuse(
                "pooling", "padding that does not count is not supported in quantized graphs");
        int channels = input.Type.Shape.Channels;
        int taps = window.KernelRows * window.KernelColumns;
        // No activation is ever fused into a mean.
        bool isMean = pool.Form is AverageForm.Mean or AverageForm.KeptMean;
        if (isMean && stages.AveragePool.Mean == MeanKind.Xnnpack) return Mean(pool, inputs, taps);
        bool isKept = pool.Form == AverageForm.KeptMean
            && stages.AveragePool.Mean == MeanKind.Litert && input.Type.Bits == LitertBits;
        if (isKept && stages.Requantize is not
            {
                Kind: RequantizeKind.MultiplierDouble, MultiplierBits: MultiplierBits,
            })
            throw refuse("pooling.mean", "litert goes with requantize: multiplier_double alone");
        float[] real = new float[Sizes.Weights(channels, taps)];
        Array.Fill(real, 1f / taps);
        var layer = new Conv2dLayer(
            pool.Name, [0], channels, window with { Groups = channels }, real,
            new float[channels]);
        MacLayer sums = new MacLayerBuilder(refuse, layer, stages, input, (_, _, _) => { })
        {
            Own = new(
                real, [.. Enumerable.Repeat(1, real.Length)],
                [.. Enumerable.Repeat(1f / taps, channels)], 2, true,
                [.. Enumerable.Repeat(isKept ? (long)taps * input.Scale.ZeroPoint : 0, channels)]),
        }.Build(inputs, output, clamp);
        if (isKept)
            return sums with
            {
                Requantization = [.. sums.Requantization.Select(r => Kept(r, taps))],
            };
        if (isMean
            && stages.Requantize.Kind == RequantizeKind.MultiplierDouble)
            return sums with
            {
                Requantization = [.. sums.Requantization.Select(r => Mean(r, taps))],
            };
        if (stages.Requantize.Kind != RequantizeKind.Real) return sums;
        float scale = (float)input.Scale.Step / ((float)output.Scale.Step * taps);
        return sums with
        {
            Requantization = [.. sums.Requantization.Select(r => r with { RealScale = scale })],
        };
    }

    /// <summary>
    /// XNNPACK's: the sum of the raw values times a float32 factor, both zero points in a float32
    /// number that is added before the one rounding (xnn_reshape_reduce_nd).
    /// </summary>
    private AveragePoolLayer Mean(
        AveragePool2dLayer pool, ImmutableArray<int> inputs, int count)
    {
        float scale = (float)input.Scale.Step / (float)output.Scale.Step * (1f / count);
        return new(
            pool.Name, inputs, output.Type, input.Type, pool.Geometry,
            new(RoundingMode.NearestTiesToEven)
            {
                Reciprocal = Binary32.Of(scale),
                Offset = Binary32.Of(
                    output.Scale.ZeroPoint
                        - ((float)((long)count * input.Scale.ZeroPoint) * scale)),
            });
    }

    /// <summary>
    /// LiteRT's optimized_integer_ops::Mean, of the sum of raw values: their zero point is taken
    /// off behind the multiplier, rounded by itself.
    /// </summary>
    private Requantization Kept(Requantization sum, int count)
    {
        const int MostShift = 31;
        (float from, float to) = ((float)input.Scale.Step, (float)output.Scale.Step);
        var by = FixedMultiplier.Of(from / (count * to), MultiplierBits);
        float zero = input.Scale.ZeroPoint * from / to;
        if (Math.Abs(by.Exponent) >= MostShift || MathF.Abs(zero) > int.MaxValue / 2)
            throw refuse(
                "pooling.mean", $"the scale ratio {from / to:g4} is not one of litert's means");
        return sum with
        {
            Multiplier = by.Value,
            MultiplierShift = -by.Exponent,
            ZeroPoint = output.Scale.ZeroPoint
                - (int)MathF.Round(zero, MidpointRounding.AwayFromZero),
        };
    }

    /// <summary>
    /// TensorFlow Lite's QuantizedMeanOrSum: the multiplier of the scales, shifted up as far as the
    /// count has bits, divided by the count.
    /// </summary>
    private Requantization Mean(Requantization sum, int count)
    {
        FixedMultiplier scales = FixedMultiplier.Of(
            input.Scale.Step / output.Scale.Step, MultiplierBits);
        int shift = Math.Min(
            Math.Min(BitOperations.Log2((uint)count), 32), 31 + scales.Exponent);
        return sum with
        {
            Multiplier = (int)(((long)scales.Value << shift) / count),
            MultiplierShift = shift - scales.Exponent,
        };
    }
}
