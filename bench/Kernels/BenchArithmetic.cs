using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Bench;

/// <summary>
/// The arithmetic of every layer of a benchmark: 8-bit weights and activations, one kind of
/// accumulator.
/// </summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="AccumulatorBits">Width; 0 for what six sigma of the sum need.</param>
/// <param name="Overflow">What the accumulator does at its ends.</param>
/// <param name="Shift">Bits that every update rounds away.</param>
/// <param name="Rounding">How.</param>
/// <param name="Multiplier">
/// Requantize by TFLite's multiplier per channel instead of a shift.
/// </param>
internal sealed record BenchArithmetic(
    string Name, int AccumulatorBits, OverflowMode Overflow, int Shift = 0,
    RoundingMode Rounding = RoundingMode.TowardNegative, bool Multiplier = false)
{
    public static readonly BenchArithmetic[] All =
    [
        new("exact32", 32, OverflowMode.Saturate),
        new("exact32-tflite", 32, OverflowMode.Saturate, Multiplier: true),
        new("wrap16", 16, OverflowMode.Wrap),
        new("wrap24", 24, OverflowMode.Wrap),
        new("sat-rare", 0, OverflowMode.Saturate),
        new("sat16", 16, OverflowMode.Saturate),
        new("sat17", 17, OverflowMode.Saturate),
        new("trn-every", 24, OverflowMode.Saturate, 4),
        new("rnd-every", 24, OverflowMode.Saturate, 4, RoundingMode.NearestTiesTowardPositive),
        new("trn-wrap16", 16, OverflowMode.Wrap, 4),
        new("rnd-conv-every", 24, OverflowMode.Saturate, 4, RoundingMode.NearestTiesToEven),
    ];

    /// <summary>
    /// The layer's multiply-accumulate unit, products one at a time in channel-last order.
    /// </summary>
    public MacSpec Unit(int depth)
    {
        int bits = AccumulatorBits > 0 ? AccumulatorBits : RareBits(depth);
        return new()
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = Shift,
            PartialAlign = 0,
            Update = ConversionSpec.Into(new FixedFormat(bits, 0, true), Shift, Rounding, Overflow),
            Lanes = 1,
            Order = ReductionOrder.ChannelLast,
            Interleave = 1,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = BiasPosition.First,
            InputOffset = 0,
        };
    }

    /// <summary>
    /// From the accumulator to 8 bits with a ReLU, so that outputs use the range.
    /// </summary>
    public Requantization Requantization(int depth, int channel)
    {
        int shift = Math.Max(0, (int)Math.Round(Math.Log2(SumDeviation(depth))) - 5 - Shift);
        var output = ConversionSpec.Into(
            new FixedFormat(8, 0, true), Multiplier ? 0 : shift,
            RoundingMode.NearestTiesTowardPositive, OverflowMode.Saturate);
        return new()
        {
            Kind = Multiplier ? RequantizationKind.MultiplierDouble : RequantizationKind.Shift,
            Output = output,
            Multiplier = (1 << 30) + (channel * 1000003),
            MultiplierShift = Math.Max(0, shift - 1),
            ClampMin = 0,
            ClampMax = long.MaxValue,
        };
    }

    /// <summary>Uniform weights of 8 bits times activations after a ReLU.</summary>
    private static double SumDeviation(int depth) => 73.0 * 50 * Math.Sqrt(depth);

    /// <summary>
    /// Room for six standard deviations of what activations after pooling give: the worst input
    /// overflows, a usual one hardly ever.
    /// </summary>
    private static int RareBits(int depth) =>
        (int)Math.Ceiling(Math.Log2(6 * 2 * SumDeviation(depth))) + 1;
}
