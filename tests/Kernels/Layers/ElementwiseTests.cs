using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Tests.Layers;

/// <summary>
/// Tables, sums, concatenations and pooling against values worked out by hand or in real numbers.
/// </summary>
public sealed class ElementwiseTests
{
    /// <summary>
    /// nnet_activation.h: <c>index = (int)(x * N / 16) + N / 2</c>, clamped; the middle bin is
    /// twice as wide.
    /// </summary>
    [Fact]
    public void Lookup_Hls4mlIndex_EqualsItsCForEveryInput()
    {
        const int Entries = 1024;
        const int FractionBits = 7;
        TensorType input = new(new(1 << 12), 12, true, Math.Pow(2, -FractionBits));
        long[] values = [.. Enumerable.Range(-(1 << 11), 1 << 12).Select(v => (long)v)];
        var index = new TableIndex(
            0, Entries, 0, 16 << FractionBits, RoundingMode.TowardZero, Entries / 2);
        var layer = new LookupLayer(
            "sigmoid", [0], input with { Bits = 16, Scale = 1 }, input, index,
            [.. Enumerable.Range(0, Entries)], OneLayer.Into(16, 0));

        long[] actual = OneLayer.Run(input, values, layer).Outputs;

        Assert.Equal(
            values.Select(v =>
                (long)
                    Math.Clamp(
                        (int)(v / Math.Pow(2, FractionBits) * Entries / 16) + (8 * Entries / 16), 0,
                        Entries - 1)
            ),
            actual
        );
        Assert.Equal(2 * 2, actual.Count(i => i == Entries / 2) + 1);
    }

    [Theory]
    [InlineData(RoundingMode.TowardNegative, new long[] { 0, 0, 0, 1, 1, 2, 2, 2 })]
    [InlineData(RoundingMode.NearestTiesTowardPositive, new long[] { 0, 0, 1, 1, 2, 2, 2, 2 })]
    public void Lookup_FloorAndNearest_PickTheirEntries(RoundingMode rounding, long[] expected)
    {
        // Three entries at -2, 0 and 2 for inputs -3..4: (x + 2) / 2.
        TensorType input = new(new(8), 4, true, 1);
        var layer = new LookupLayer(
            "table", [0], input, input, new TableIndex(0, 1, 2, 2, rounding, 0), [0, 1, 2],
            OneLayer.Into(4, 0));
        Assert.Equal(expected, OneLayer.Run(input, [-3, -2, -1, 0, 1, 2, 3, 4], layer).Outputs);
    }

    [Fact]
    public void Add_FixedPointOfDifferentPoints_AlignsAddsAndConvertsOnce()
    {
        // a has 2 fraction bits, b has 4, the sum 3: 1.25 + 0.8125 = 2.0625, a tie that goes to
        // even, 2.0.
        TensorType a = new(new(1), 8, true, 0.25);
        TensorType b = a with { Scale = 0.0625 };
        RunResult result = OneLayer.Run(
            a,
            [5],
            new ConcatLayer(
                "b", [0], b,
                [new ConcatPart(new InputScaling(-8, 1), OneLayer.Shift(OneLayer.Into(8, 0)))]),
            new AddLayer(
                "add",
                [0, 1],
                a with
                {
                    Scale = 0.125,
                },
                [new InputScaling(0, 4), new InputScaling(0, 1)],
                OneLayer.Shift(OneLayer.Into(8, 1, RoundingMode.NearestTiesToEven))
            )
        );
        Assert.Equal([16L], result.Outputs);
        Assert.Equal([1L], result.Events[1].Stages[0].Inexact);
        Assert.Equal([0L], result.Events[1].Stages[0].Overflowed);
    }

    /// <summary>
    /// TFLite's reference ADD on int8, its steps written out with 32-bit integers.
    /// </summary>
    [Fact]
    public void Add_TfliteScales_EqualsItsReferenceKernel()
    {
        const int Zero = 3;
        const int Multiplier1 = 1_518_500_250;
        const int Multiplier2 = 1_073_741_824;
        const int OutputMultiplier = 1_340_000_000;
        TensorType type = new(new(256), 8, true, 0.1, Zero);
        var layer = new AddLayer(
            "add",
            [0, 0],
            type,
            [
                new InputScaling(Zero, 1 << 20, Multiplier1, 1),
                new InputScaling(Zero, 1 << 20, Multiplier2),
            ],
            new Requantization
            {
                Kind = RequantizationKind.MultiplierDouble,
                Multiplier = OutputMultiplier,
                MultiplierShift = 19,
                ZeroPoint = Zero,
                Output = OneLayer.Into(8, 0),
                ClampMin = long.MinValue,
                ClampMax = long.MaxValue,
            });
        long[] values = [.. Enumerable.Range(-128, 256).Select(v => (long)v)];
        Assert.Equal(
            values.Select(v =>
            {
                int x = (int)(v - Zero) << 20;
                int sum = Scale(x, Multiplier1, 1) + Scale(x, Multiplier2, 0);
                return (long)Math.Clamp(Scale(sum, OutputMultiplier, 19) + Zero, -128, 127);
            }),
            OneLayer.Run(type, values, layer).Outputs);
    }

    [Fact]
    public void Concat_PartsOfOtherScales_AreConvertedOneByOne()
    {
        TensorType input = new(new(2), 8, true, 1);
        var layer = new ConcatLayer(
            "concat", [0, 0], input with { Shape = new(4), Bits = 4 },
            [
                new ConcatPart(new InputScaling(0, 1), OneLayer.Shift(OneLayer.Into(4, 0))),
                new ConcatPart(new InputScaling(0, 1), OneLayer.Shift(OneLayer.Into(4, 2))),
            ]);
        RunResult result = OneLayer.Run(input, [9, -5], layer);
        Assert.Equal([7L, -5L, 2L, -2L], result.Outputs);
        Assert.Equal([1L, 0L, 0L, 0L], result.Events[0].Stages[0].Overflowed);
        Assert.Equal([0L, 0L, 1L, 1L], result.Events[0].Stages[0].Inexact);
    }

    [Fact]
    public void AveragePool_PaddedCorner_DividesByWhatItCovers()
    {
        TensorType input = new(new(1, 2, 2), 8, true, 1);
        var window = new WindowGeometry(2, 2, PadTop: 1, PadLeft: 1);
        var layer = new AveragePoolLayer(
            "pool", [0], input, input, window, new(RoundingMode.NearestTiesAway));

        // 5; (5 - 8) / 2 = -1.5 away; (5 + 2) / 2 = 3.5 away; (5 - 8 + 2 + 0) / 4 = -0.25.
        Assert.Equal([5L, -2L, 4L, 0L], OneLayer.Run(input, [5, -8, 2, 0], layer).Outputs);
    }

    [Fact]
    public void AveragePool_ByAConstantFactor_IsTheDpusMean()
    {
        TensorType input = new(new(1, 3, 3), 8, true, 1);
        var layer = new AveragePoolLayer(
            "pool", [0], input with { Shape = new(1) }, input, new(3, 3),
            new(RoundingMode.NearestTiesTowardPositive, Multiplier: 7, Shift: 6));

        // floor(900 * 7 / 64 + 1/2) = 98, where nine divides to 100.
        Assert.Equal([98L], OneLayer.Run(input, [.. Enumerable.Repeat(100L, 9)], layer).Outputs);
        Assert.Null(layer.WhyNot([input]));
        Assert.NotNull((layer with
        {
            Geometry = new(3, 3, 3, 3, PadTop: 1, PadBottom: 1, PadLeft: 1, PadRight: 1),
        }).WhyNot([input]));
    }

    [Fact]
    public void AveragePool_NarrowAccumulator_WrapsAtEverySumAndSaysSo()
    {
        TensorType input = new(new(1, 2, 2), 8, true, 1);
        var wrapping = new AverageUnit(RoundingMode.TowardZero) with
        {
            HasRegister = 1,
            Register = ConversionSpec.Into(
                new FixedFormat(8, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Wrap),
        };
        var layer = new AveragePoolLayer(
            "pool", [0], input with { Shape = new(1) }, input, new(2, 2), wrapping);

        // 100 + 100 = -56; - 100 = -156 = 100; - 29 = 71; 71 / 4 = 17.75 toward zero.
        RunResult result = OneLayer.Run(input, [100, 100, -100, -29], layer);
        Assert.Equal([17L], result.Outputs);
        Assert.Equal(
            [EventStage.Accumulator, EventStage.Output],
            result.Events[0].Stages.Select(s => s.Stage));
        Assert.Equal([1L], result.Events[0].Stages[0].Overflowed);
        Assert.Equal([1L], result.Events[0].Stages[1].Inexact);

        AverageUnit saturating = wrapping with
        {
            Register = wrapping.Register with { Overflow = OverflowMode.Saturate },
        };
        // 100 + 100 = 127; - 100 = 27; - 29 = -2; -2 / 4 toward zero is 0.
        Assert.Equal(
            [0L],
            OneLayer.Run(input, [100, 100, -100, -29], layer with { Unit = saturating }).Outputs);
    }

    [Fact]
    public void MaxPool_PaddingNeverWins()
    {
        TensorType input = new(new(1, 2, 2), 8, true, 1);
        var layer = new MaxPoolLayer(
            "pool", [0], input, input, new WindowGeometry(2, 2, PadTop: 1, PadLeft: 1));
        Assert.Equal([-5L, -5L, -5L, -2L], OneLayer.Run(input, [-5, -8, -7, -2], layer).Outputs);
    }

    private static int Scale(int x, int multiplier, int shift)
    {
        long product = (long)x * multiplier;
        int high = (int)((product + (product >= 0 ? 1 << 30 : 1 - (1 << 30))) / (1L << 31));
        int mask = (1 << shift) - 1;
        int threshold = (mask >> 1) + (high < 0 ? 1 : 0);
        return (high >> shift) + ((high & mask) > threshold ? 1 : 0);
    }
}
