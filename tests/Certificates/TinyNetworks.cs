using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Tests;

/// <summary>
/// Networks of two to four dense layers on a few inputs, in any mode, more of them overflowing now
/// and then than networks that somebody would build.
/// </summary>
internal static class TinyNetworks
{
    public static QuantizedProgram Dense(int seed)
    {
        for (int attempt = 0; ; attempt++)
        {
            QuantizedProgram program = Attempt(seed, new Choices((seed * 131) + attempt));
            if (ProgramLimits.WhyNot(program) is null && !program.IsStochastic) return program;
        }
    }

    private static QuantizedProgram Attempt(int seed, Choices choose)
    {
        TensorType input = new(new(choose.Between(3, 8)), choose.Between(2, 8), false, 1);
        List<ProgramLayer> layers = [];
        TensorType type = input;
        int count = choose.Between(2, 4);
        bool isUsual = choose.Chance(0.7);
        for (int i = 0; i < count; i++)
        {
            if (isUsual) type = type with { IsSigned = false, ZeroPoint = 0 };
            MacLayer layer = isUsual
                ? Usual(choose, $"dense{i}", i, type, isLast: i == count - 1)
                : RandomMac.Dense(choose, $"dense{i}", i, type, choose.Between(3, 7));
            layers.Add(layer);
            type = layer.Output;
        }

        return new(
            $"dense network, seed {seed}",
            new(input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [.. layers]);
    }

    /// <summary>A layer as accelerators have it: wide sums mostly, a shift, a ReLU.</summary>
    public static MacLayer Usual(
        Choices choose, string name, int tensor, TensorType input, bool isLast)
    {
        const int WeightBits = 5;
        int outputs = choose.Between(4, 7), depth = input.Shape.Channels;
        TensorType output = new(new(outputs), choose.Between(3, 8), isLast, 1);
        int product = WeightBits + input.Bits + (int.Log2(depth) / 2);
        int bits = product + choose.Between(0, 5);
        var requantization = new Requantization
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new(output.Bits, 0, isLast), Math.Max(0, product - 1 - output.Bits),
                choose.Of([.. Enum.GetValues<RoundingMode>().Where(
                    m => m != RoundingMode.Stochastic)]),
                OverflowMode.Saturate),
            ClampMin = isLast ? long.MinValue : 0,
            ClampMax = long.MaxValue,
        };
        var mac = new MacSpec
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Update = ConversionSpec.Into(
                new(bits, 0, true), 0, RoundingMode.TowardNegative,
                choose.Of(OverflowMode.Saturate, OverflowMode.Wrap)),
            Lanes = choose.Of(0, 1, 2),
            Order = ReductionOrder.ChannelLast,
            Interleave = 1,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = choose.OfEnum<BiasPosition>(),
            InputOffset = 0,
        };
        long most = 1L << (product - 3);
        return new(
            name, [tensor], output, input, new WindowGeometry(),
            [.. Enumerable.Range(0, depth * outputs).Select(_ => choose.Between(-16, 15))],
            WeightBits, true,
            [.. Enumerable.Range(0, outputs).Select(_ => choose.Between(-most, most))], mac,
            [.. Enumerable.Repeat(requantization, outputs)]);
    }
}
