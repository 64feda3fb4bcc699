using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Layers;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>
/// A program that does not fit 64 bits, or does not fit together, is refused in words.
/// </summary>
public sealed class ProgramLimitsTests
{
    [Theory]
    [InlineData(32, 32, 1, null)]
    [InlineData(32, 31, 2, null)]
    [InlineData(32, 32, 2, "layer 'mac': the exact sum of 2 products needs 65 bits (at most 64)")]
    [InlineData(32, 32, 4, "layer 'mac': the exact sum of 4 products needs 66 bits (at most 64)")]
    [InlineData(20, 20, 4096, null)]
    public void WhyNot_ProductsAndLanes_CountsTheirWidth(
        int inputBits, int weightBits, int depth, string? reason) =>
        Assert.Equal(reason, ProgramLimits.WhyNot(Program(Mac(inputBits, weightBits, depth))));

    [Fact]
    public void WhyNot_SubtractedZeroPoint_NeedsABitMore() => Assert.Equal(
        "layer 'mac': the exact sum of 2 products needs 65 bits (at most 64)",
        ProgramLimits.WhyNot(Program(With(Mac(31, 32, 2), m => m with { InputOffset = 1 << 30 }))));

    [Theory]
    [InlineData(45, null)]
    [InlineData(
        46,
        "layer 'mac': accumulator plus products at their common binary point needs 65 bits (at "
            + "most 64)"
    )]
    public void WhyNot_DistantBinaryPoints_CountTheAlignedSum(int align, string? reason) =>
        Assert.Equal(
            reason,
            ProgramLimits.WhyNot(Program(With(Mac(8, 8, 8), m => m with { PartialAlign = align })))
        );

    /// <summary>
    /// A register that sums can leave may hold anything; of one that they cannot, what weights and
    /// bias make counts, as 40 bits beside a multiplier of 31 would never run otherwise.
    /// </summary>
    [Theory]
    [InlineData(0, null)]
    [InlineData((1L << 32) - 2048, null)]
    [InlineData(1L << 32, "layer 'mac': accumulator times multiplier needs 65 bits (at most 64)")]
    [InlineData(
        (1L << 39) - 1, "layer 'mac': accumulator times multiplier needs 71 bits (at most 64)")]
    public void WhyNot_WideAccumulatorTimesMultiplier_CountsWhatItCanHold(long bias, string? reason)
    {
        MacLayer layer = With(Mac(8, 8, 8), m => m with { Update = OneLayer.Into(40, 0) });
        Requantization times = layer.Requantization[0] with
        {
            Kind = RequantizationKind.MultiplierDouble,
            Multiplier = int.MaxValue,
            Output = OneLayer.Into(8, 0),
        };
        Assert.Equal(
            reason,
            ProgramLimits.WhyNot(Program(
                layer with { Requantization = [times], Bias = [bias] })));
        Assert.Null(ProgramLimits.WhyNot(Program(Mac(8, 8, 8) with { Requantization = [times] })));
    }

    [Fact]
    public void WhyNot_ThingsThatDoNotFitTogether_AreNamed()
    {
        MacLayer mac = Mac(8, 8, 8);
        Assert.Contains(
            "7 weights where 1 x 8 are needed", Why(mac with { Weights = mac.Weights[1..] }));
        Assert.Contains(
            "a weight is outside its format",
            Why(mac with { Weights = [200, .. mac.Weights[1..]] }));
        Assert.Contains("a bias is outside the accumulator", Why(mac with { Bias = [1L << 40] }));
        Assert.Contains("reads a tensor that does not exist", Why(mac with { Inputs = [1] }));
        Assert.Contains(
            "states the input", Why(mac with { Input = mac.Input with { Bits = 7 } }, mac.Input));
        Assert.Contains(
            "33 bits per value", Why(mac with { Output = mac.Output with { Bits = 33 } }));
        Assert.Contains(
            "the output is 1x1x1 where", Why(mac with { Geometry = new WindowGeometry(2, 1) }));
        Assert.Contains(
            "WRAP_SM is for signed formats",
            Why(
                With(
                    mac,
                    m =>
                        m with
                        {
                            Update = OneLayer.Into(
                                20, 0, overflow: OverflowMode.WrapSignMagnitude, isSigned: false),
                        }
                )
            )
        );
        Assert.Contains("two layers are called 'mac'", ProgramLimits.WhyNot(Program(mac, mac)));
        Assert.Contains("has no layers", ProgramLimits.WhyNot(Program(mac) with { Layers = [] }));
    }

    [Fact]
    public void WhyNot_PoolingNothingButPadding_IsRefused()
    {
        TensorType input = new(new(1, 4, 4), 8, true, 1);
        var window = new WindowGeometry(2, 2, PadTop: 2);
        TensorType output = input with
        {
            Shape = new(1, window.OutputRows(4), window.OutputColumns(4)),
        };
        Assert.Contains(
            "nothing but padding",
            Why(new MaxPoolLayer("pool", [0], output, input, window), input));
    }

    private static string? Why(ProgramLayer layer, TensorType? input = null) =>
        ProgramLimits.WhyNot(new("test", Stage(input ?? ((MacLayer)layer).Input), [layer]));

    private static MacLayer With(MacLayer layer, Func<MacSpec, MacSpec> change) =>
        layer with
        {
            Mac = change(layer.Mac),
        };

    private static QuantizedProgram Program(params MacLayer[] layers) =>
        new("test", Stage(layers[0].Input), [.. layers]);

    private static InputStage Stage(TensorType type) =>
        new(type, RoundingMode.TowardNegative, OverflowMode.Wrap);

    private static MacLayer Mac(int inputBits, int weightBits, int depth) =>
        new(
            "mac",
            [0],
            new(new(1), 8, true, 1),
            new(new(depth), inputBits, true, 1),
            new WindowGeometry(),
            [.. Enumerable.Repeat(1, depth)],
            weightBits,
            true,
            [0],
            OneLayer.Unit(OneLayer.Into(32, 0)) with
            {
                Lanes = 0,
                Order = ReductionOrder.ChannelFirst,
            },
            [OneLayer.Shift(OneLayer.Into(8, 4))]
        );
}
