using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Layers;

namespace QSim.Kernels.Tests.Datapath;

/// <summary>
/// Orders, lanes, biases and events of one unit, worked out by hand in 8 saturating bits.
/// </summary>
public sealed class MacEventTests
{
    [Theory]
    [InlineData(new long[] { 100, 100, -100 }, 1, 27, 1)]
    [InlineData(new long[] { -100, 100, 100 }, 1, 100, 0)]
    [InlineData(new long[] { 100, 100, -100 }, 0, 100, 0)]
    [InlineData(new long[] { 100, 100, -100 }, 2, 27, 1)]
    [InlineData(new long[] { 100, 100, 100 }, 1, 127, 1)]
    public void Run_OrderAndLanes_AreSemantics(
        long[] inputs, int lanes, long expected, long overflowed)
    {
        RunResult result = Run(inputs, Unit() with { Lanes = lanes });
        Assert.Equal([expected], result.Outputs);
        Assert.Equal([overflowed], Stage(result, EventStage.Accumulator).Overflowed);
        Assert.Equal([0L], Stage(result, EventStage.Output).Overflowed);
    }

    [Theory]
    [InlineData(BiasPosition.First, AccumulatorUpdate.EveryUpdate, 27)]
    [InlineData(BiasPosition.Last, AccumulatorUpdate.EveryUpdate, 50)]
    [InlineData(BiasPosition.First, AccumulatorUpdate.End, 50)]
    [InlineData(BiasPosition.Last, AccumulatorUpdate.End, 50)]
    public void Run_BiasFirstLastOrAtTheEnd_EntersThere(
        Enum bias, Enum when, long expected)
    {
        MacSpec unit = Unit() with { Bias = (BiasPosition)bias, When = (AccumulatorUpdate)when };
        Assert.Equal([expected], Run([100, -100], unit, bias: 50).Outputs);
    }

    [Fact]
    public void Run_Interleaved_TakesEveryOtherProductFirst()
    {
        MacSpec interleaved = Unit() with { Order = ReductionOrder.Interleave, Interleave = 2 };
        Assert.Equal([100L], Run([100, 100, -100], interleaved).Outputs);
    }

    [Fact]
    public void Run_ChannelFirstAndLast_DifferOnceItSaturates()
    {
        // Two channels of one row of two: channel first adds 100, 100, -100, -100, channel last
        // 100, -100, 100, -100.
        long First(ReductionOrder order) =>
            Run(
                [100, 100, -100, -100],
                Unit() with
                {
                    Order = order,
                },
                shape: new(2, 1, 2),
                window: new WindowGeometry(1, 2)
            ).Outputs[0];
        Assert.Equal(-73, First(ReductionOrder.ChannelFirst));
        Assert.Equal(0, First(ReductionOrder.ChannelLast));
    }

    [Fact]
    public void Run_SubtractedAndFoldedZeroPoint_DifferOnceTheAccumulatorIsNarrow()
    {
        // (60 - 50) * 3 + (70 - 50) * 3 = 90. Folded, the bias is -300: 16 bits hold it, 8
        // saturate.
        Assert.Equal([90L], Run([60, 70], Unit() with { InputOffset = 50 }, weight: 3).Outputs);
        MacSpec folded = Unit() with { Update = OneLayer.Into(16, 0) };
        Assert.Equal([90L], Run([60, 70], folded, weight: 3, bias: -300).Outputs);
        Assert.Equal([127L], Run([60, 70], Unit(), weight: 3, bias: -128).Outputs);
    }

    [Fact]
    public void Run_ConvertedProduct_ReportsItsOwnStage()
    {
        // 25 * 3 / 2^2 = 18.75, rounded down to 18, saturated to the 15 of 5 signed bits.
        RunResult result = Run([25], Unit() with
        {
            ProductStage = ProductStage.Converted,
            Product = OneLayer.Into(5, 2),
        }, weight: 3);
        Assert.Equal([15L], result.Outputs);
        Assert.Equal([1L], Stage(result, EventStage.Product).Overflowed);
        Assert.Equal([1L], Stage(result, EventStage.Product).Inexact);
        Assert.Equal([0L], Stage(result, EventStage.Accumulator).Inexact);
    }

    [Fact]
    public void Run_SeveralImages_CountsElementsAndFindsTheFirst()
    {
        TensorType input = new(new(2), 8, true, 1);
        MacLayer layer = Layer(input, new WindowGeometry(), Unit(), weight: 1, bias: 0);
        var program = new QuantizedProgram(
            "test", new(input, RoundingMode.TowardNegative, OverflowMode.Wrap), [layer]);
        using IProgramRunner runner = new ReferenceBackend().Load(program);

        RunResult result = runner.Run(
            [1, 2, 100, 100, -100, -100], 3, RunOptions.WithEvents with { FirstImage = 40 });

        Assert.Equal([3L, 127, -128], result.Outputs);
        Assert.Equal([2L], Stage(result, EventStage.Accumulator).Overflowed);
        Assert.Equal(
            new ElementAddress(41, 0, 0), Stage(result, EventStage.Accumulator).FirstOverflow);
        Assert.Null(Stage(result, EventStage.Output).FirstOverflow);
    }

    [Fact]
    public void Run_PaddingIsTheZeroPoint_InItsPlace()
    {
        // Kernel 1x2 over one value with a column of padding to its left: 7 * 2 + 30 * 2.
        TensorType input = new(new(1), 8, true, 1, ZeroPoint: 7);
        MacLayer layer = Layer(
            input, new WindowGeometry(1, 2, PadLeft: 1), Unit(), weight: 2, bias: 0);
        Assert.Equal([74L], OneLayer.Run(input, [30], layer).Outputs);
        MacTrace trace = MacTracer.Trace(
            new("test", new(input, RoundingMode.TowardNegative, OverflowMode.Wrap), [layer]), 0,
            [30], new(0, 0, 0));
        Assert.Equal([14L, 60], trace.Products.Select(p => p.Exact));
        Assert.Equal([14L, 74], trace.Updates.Select(u => u.Accumulator));
    }

    private static StageEvents Stage(RunResult result, EventStage stage) =>
        result.Events[0].Stages.Single(s => s.Stage == stage);

    private static RunResult Run(
        long[] inputs, MacSpec mac, int weight = 1, long bias = 0, TensorShape? shape = null,
        WindowGeometry? window = null)
    {
        TensorType input = new(shape ?? new(inputs.Length), 8, true, 1);
        return OneLayer.Run(
            input, inputs, Layer(input, window ?? new WindowGeometry(), mac, weight, bias));
    }

    private static MacLayer Layer(
        TensorType input, WindowGeometry window, MacSpec mac, int weight, long bias) =>
        new(
            "mac",
            [0],
            new(
                new(
                    1, window.OutputRows(input.Shape.Rows),
                    window.OutputColumns(input.Shape.Columns)),
                8,
                true,
                1
            ),
            input,
            window,
            [
                .. Enumerable.Repeat(
                    weight, input.Shape.Channels * window.KernelRows * window.KernelColumns),
            ],
            4,
            true,
            [bias],
            mac,
            [OneLayer.Shift(OneLayer.Into(8, 0))]
        );

    private static MacSpec Unit() => OneLayer.Unit(OneLayer.Into(8, 0)) with
    {
        Order = ReductionOrder.ChannelFirst,
    };
}
