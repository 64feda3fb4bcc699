using QSim.Certificates.Checking;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Certificates.Tests;

/// <summary>
/// Registers so wide that all that they hold, times the multiplier, would need more than 64 bits:
/// sums that cannot fill them run, and a checker must not follow what does not.
/// </summary>
public class WideAccumulatorTests
{
    [Theory]
    [InlineData(33)]
    [InlineData(35)]
    [InlineData(37)]
    [InlineData(40)]
    public void Range_OfAWrappingOutput_HasEveryValue(int shift)
    {
        var input = new TensorType(new(2), 8, true, 0);
        var mac = new MacSpec
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = 0,
            PartialAlign = 0,
            Order = ReductionOrder.ChannelLast,
            When = AccumulatorUpdate.EveryUpdate,
            Bias = BiasPosition.First,
            InputOffset = 0,
            Update = ConversionSpec.Into(
                new(48, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate),
            Lanes = 1,
            Interleave = 1,
        };
        var times = new Requantization
        {
            Kind = RequantizationKind.MultiplierSingle,
            Multiplier = 1 << 30,
            MultiplierShift = shift,
            Output = ConversionSpec.Into(
                new(8, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Wrap),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };
        var layer = new MacLayer(
            "fc", [0], input with { Shape = new(1) }, input, new(), [127, 127], 8, true, [0], mac,
            [times]);
        var program = new QuantizedProgram(
            "p", new(input, RoundingMode.TowardNegative, OverflowMode.Wrap), [layer]);
        Assert.Null(ProgramLimits.WhyNot(program));
        Assert.Contains(
            times.Widths(layer.Facts.Chain.Register), w => w.Bits > ProgramLimits.MaxBits);

        (long low, long high) = CheckedLines.Range(new CheckedMac(layer), 0, (-32512, 32258));
        using IProgramRunner runner = new ReferenceBackend().Load(program);
        for (int a = -128; a < 128; a++)
            for (int b = -128; b < 128; b += 5)
                Assert.InRange(
                    runner.Run(new long[] { a, b }, 1, RunOptions.Default).Outputs[0], low, high);
    }
}
