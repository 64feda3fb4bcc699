using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Quantization;

/// <summary>Sums of two tensors as particular libraries compute them.</summary>
internal static class PairSums
{
    // QNNPACK's limits of a ratio of scales, and the bits of the larger integer factor.
    private const float LeastRatio = 1f / (1 << 14);
    private const float MostRatio = 1 << 8;
    private const int FactorBits = 22;

    /// <summary>
    /// QNNPACK (pytorch_qnnp_create_add_nc_q8): the ratio of each input's scale to the output's as
    /// an integer, the larger of <see cref="FactorBits"/> bits, the exact sum, one shift whose ties
    /// go away from zero.
    /// </summary>
    public static AddLayer Qnnpack(
        Func<string, string, Exception> refuse, RequantizationBuilder requantization, string name,
        ImmutableArray<int> inputs, IReadOnlyList<QuantizedTensor> operands, QuantizedTensor output)
    {
        float[] ratios = [.. operands.Select(o => Ratio(o, output))];
        float largest = ratios.Max();
        if (ratios.Any(r => r is < LeastRatio or >= MostRatio))
            throw refuse(
                "residual_add",
                $"a ratio of scales of {largest:g4} to {ratios.Min():g4} is not one that QNNPACK "
                    + "takes (2^-14 to 2^8; use multiplier)");
        int shift = FactorBits - 1 - Math.ILogB(largest);
        return new(
            name, inputs, output.Type,
            [.. operands.Select((o, i) => new InputScaling(
                o.Scale.ZeroPoint,
                (long)Math.Round(Math.ScaleB(ratios[i], shift), MidpointRounding.ToEven)))],
            requantization.Shifted(shift, RoundingMode.NearestTiesAway, output.Scale.ZeroPoint));
    }

    /// <summary>
    /// ONNX Runtime on x64 with AVX2 (QLinearAdd), each operation rounded to float32.
    /// </summary>
    public static AddLayer Float32(
        RequantizationBuilder requantization, string name, ImmutableArray<int> inputs,
        IReadOnlyList<QuantizedTensor> operands, QuantizedTensor output)
    {
        float first = Ratio(operands[0], output);
        float second = Ratio(operands[1], output);
        float shifted = MathF.FusedMultiplyAdd(
            first, operands[0].Scale.ZeroPoint, second * operands[1].Scale.ZeroPoint);
        return new(
            name, inputs, output.Type,
            [.. operands.Select(o => new InputScaling(o.Scale.ZeroPoint, 1))],
            requantization.Shifted(0, RoundingMode.NearestTiesToEven, zeroPoint: 0))
        {
            Real = new(
                1, Binary32.Of(first), Binary32.Of(second),
                Binary32.Of(output.Scale.ZeroPoint - shifted)),
        };
    }

    private static float Ratio(QuantizedTensor input, QuantizedTensor output) =>
        (float)input.Scale.Step / (float)output.Scale.Step;
}
