using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Simulator.Quantization;

/// <summary>Sums of two tensors as particular libraries compute them.</summary>
internal static class PairSums
{
    private const int MostExponent = 8;

    /// <summary>
    /// QNNPACK (pytorch_qnnp_create_add_nc_q8): the ratio of each input's scale to the output's as
    /// an integer, the larger of 22 bits, the exact sum, one shift whose ties go away from zero.
    /// </summary>
    public static AddLayer Qnnpack(
        Func<string, string, Exception> refuse, RequantizationBuilder requantization, string name,
        ImmutableArray<int> inputs, IReadOnlyList<QuantizedTensor> operands,
        QuantizedTensor output) =>
        ByFactors(
            new("QNNPACK", -14, 22, RoundingMode.NearestTiesAway), refuse, requantization, name,
            inputs, operands, output);

    /// <summary>
    /// XNNPACK (xnn_init_qs8_add_minmax_scalar_params): the same with one bit less, ties up.
    /// </summary>
    public static AddLayer Xnnpack(
        Func<string, string, Exception> refuse, RequantizationBuilder requantization, string name,
        ImmutableArray<int> inputs, IReadOnlyList<QuantizedTensor> operands,
        QuantizedTensor output) =>
        ByFactors(
            new("XNNPACK", -10, 21, RoundingMode.NearestTiesTowardPositive), refuse,
            requantization, name, inputs, operands, output);

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

    private static AddLayer ByFactors(
        Library library, Func<string, string, Exception> refuse,
        RequantizationBuilder requantization, string name, ImmutableArray<int> inputs,
        IReadOnlyList<QuantizedTensor> operands, QuantizedTensor output)
    {
        float[] ratios = [.. operands.Select(o => Ratio(o, output))];
        float largest = ratios.Max();
        if (ratios.Any(r => r < Math.ScaleB(1, library.LeastExponent) || r >= 1 << MostExponent))
            throw refuse(
                "residual_add",
                $"a ratio of scales of {largest:g4} to {ratios.Min():g4} is not one that "
                    + $"{library.Name} takes (2^{library.LeastExponent} to 2^{MostExponent}; use "
                    + "multiplier)");
        int shift = library.FactorBits - 1 - Math.ILogB(largest);
        return new(
            name, inputs, output.Type,
            [.. operands.Select((o, i) => new InputScaling(
                o.Scale.ZeroPoint,
                (long)Math.Round(Math.ScaleB(ratios[i], shift), MidpointRounding.ToEven)))],
            requantization.Shifted(shift, library.Rounding, output.Scale.ZeroPoint));
    }

    private static float Ratio(QuantizedTensor input, QuantizedTensor output) =>
        (float)input.Scale.Step / (float)output.Scale.Step;

    /// <summary>
    /// XNNPACK's conversion of one tensor (xnn_init_qs8_cvt_scalar_params): the ratio of scales as
    /// a multiple of 1/256, ties up.
    /// </summary>
    public static ConcatPart XnnpackConversion(
        Func<string, string, Exception> refuse, RequantizationBuilder requantization,
        QuantizedTensor input, QuantizedTensor output)
    {
        const int Bits = 8;
        float ratio = Ratio(input, output);
        return ratio is >= 1f / (1 << Bits) and <= 1 << 7
            ? new(
                new(input.Scale.ZeroPoint,
                    (long)MathF.Round(ratio * (1 << Bits), MidpointRounding.ToEven)),
                requantization.Shifted(
                    Bits, RoundingMode.NearestTiesTowardPositive, output.Scale.ZeroPoint))
            : throw refuse(
                "residual_add",
                $"a ratio of scales of {ratio:g4} is not one that XNNPACK converts (2^-8 to 2^7; "
                    + "use multiplier)");
    }

    /// <summary>What libraries do differently that scale each input by an integer.</summary>
    /// <param name="Name">As its users know it.</param>
    /// <param name="LeastExponent">Of two: the least ratio of scales.</param>
    /// <param name="FactorBits">Those of the larger factor.</param>
    /// <param name="Rounding">Of the one shift.</param>
    private sealed record Library(
        string Name, int LeastExponent, int FactorBits, RoundingMode Rounding);
}
