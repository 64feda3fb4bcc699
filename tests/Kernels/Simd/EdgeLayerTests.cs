using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Backends.Simd.Mac.Shorts;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Tests.Ilgpu;
using QSim.Kernels.Tests.Layers;
using QSim.Kernels.Tests.Properties;

namespace QSim.Kernels.Tests.Simd;

/// <summary>What the planners of the SIMD rows promise, where it is nearly not kept.</summary>
public sealed class EdgeLayerTests
{
    private static readonly ReferenceBackend Reference = new();
    private static readonly string[] Rows = [.. SimdBackend.Rows.Select(r => r.Name)];

    /// <summary>
    /// By the row that a layer prefers and by some other, with events and without.
    /// </summary>
    [Theory]
    [InlineData(EdgeKind.Gathered, 300)]
    [InlineData(EdgeKind.Ordered, 1500)]
    [InlineData(EdgeKind.Short, 300)]
    [InlineData(EdgeKind.Whole, 300)]
    [InlineData(EdgeKind.Stepwise, 300)]
    public void Run_SumsNearTheirEdge_EqualsReference(EdgeKind kind, int runs) =>
        Property.ForAll(runs, choose =>
        {
            QuantizedProgram program = EdgeLayers.Program(choose, kind);
            int images = choose.Between(1, 17);
            long[] inputs = EdgeLayers.Inputs(choose, (MacLayer)program.Layers[^1], images);
            string? row = choose.Chance(0.6) ? null : choose.Of(Rows);
            using IProgramRunner expected = Reference.Load(program);
            using IProgramRunner actual = new SimdBackend(row).Load(program);
            RunResult counted = expected.Run(inputs, images, RunOptions.WithEvents);
            string what = string.Join(", ", new SimdBackend(row).LoopsOf(program));
            RunAssert.Equal(counted, actual.Run(inputs, images, RunOptions.WithEvents), what);
            Assert.True(
                counted.Outputs.SequenceEqual(
                    actual.Run(inputs, images, RunOptions.Default).Outputs),
                $"{what}: outputs without events");
        });

    /// <summary>
    /// A bias may be the one number that symmetric saturation never gives: with the first product
    /// the sum then leaves 32 bits where any that the accumulator gives stays inside.
    /// </summary>
    [Fact]
    public void Run_BiasBelowSymmetricSaturation_EqualsReference()
    {
        const int Drops = 14;
        var update = ConversionSpec.Into(
            new FixedFormat(32 - Drops, 0, true), Drops, RoundingMode.TowardPositive,
            OverflowMode.SaturateSymmetric);
        var scaled = ConversionSpec.Into(
            new FixedFormat(16, 0, true), 2, RoundingMode.TowardNegative, OverflowMode.Saturate);
        var layer = new MacLayer(
            "layer", [0], new(new(16), 16, true, 1), new(new(2), 8, true, 1), new(),
            [.. Enumerable.Repeat(-60, 32)], 7, true,
            [.. Enumerable.Repeat(update.Min, 16)], OneLayer.Unit(update),
            [.. Enumerable.Repeat(OneLayer.Shift(scaled), 16)]);
        var program = new QuantizedProgram(
            "lowest", new(layer.Input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            [layer]);
        long[] inputs = [127, 127, -128, 127, 1, -1, 0, 0];
        using IProgramRunner expected = Reference.Load(program);
        RunResult counted = expected.Run(inputs, 4, RunOptions.WithEvents);
        IEnumerable<IBackend> simd = Rows.Prepend(null).Select(row => new SimdBackend(row));
        foreach (IBackend backend in simd.Append(TestDevices.Cpu("ilgpu-cpu")))
        {
            using IProgramRunner actual = backend.Load(program);
            RunAssert.Equal(counted, actual.Run(inputs, 4, RunOptions.WithEvents), backend.Name);
        }
    }

    /// <summary>
    /// In goes of the length that is said no lane's sum leaves 16 bits, and in one go fewer some
    /// would: by the arithmetic's own rounding of every product.
    /// </summary>
    [Fact]
    public void Pairs_OfAnyWeights_AreTheMostThatFit() => Property.ForAll(2000, choose =>
    {
        QuantizedProgram program = EdgeLayers.Program(choose, EdgeKind.Gathered);
        var layer = (MacLayer)KnownRanges.Apply(program)[^1];
        if (ShortSum.Of(layer, TensorLayout.Of(layer.Input)) is not { Saturates: false } sum
            || layer.Mac.Update.Bits <= 16)
            throw new NoCaseException();
        int[] order = ReductionPlan.WeightIndices(layer);
        int all = (layer.Depth + 1) / 2, pairs = SumLength.Pairs(new(layer), order, sum);
        Assert.True(Fits(layer, order, pairs), $"{pairs} pairs of {all} do not fit");
        int goes = (all + pairs - 1) / pairs;
        if (goes > 1)
        {
            int fewer = (all + goes - 2) / (goes - 1);
            Assert.False(Fits(layer, order, fewer), $"{fewer} pairs would fit, not only {pairs}");
        }
    });

    private static bool Fits(MacLayer layer, int[] order, int pairs)
    {
        MacSpec mac = layer.Mac;
        (int shift, RoundingMode rounding) = mac.ProductStage == ProductStage.Converted
            ? (mac.Product.Shift, mac.Product.Rounding)
            : (mac.Update.Shift, mac.Update.Rounding);

        // Ties toward the negative are those toward the positive of what is negative.
        bool negates = rounding == RoundingMode.NearestTiesTowardNegative && shift > 0;
        return Enumerable.Range(0, layer.Output.Shape.Channels).All(channel =>
            order.Select(step => layer.Weights[(channel * layer.Depth) + step])
                .Chunk(2 * pairs)
                .All(go => FitsLane(go.Where((_, i) => i % 2 == 0))
                    && FitsLane(go.Where((_, i) => i % 2 == 1))));

        bool FitsLane(IEnumerable<int> weights)
        {
            long least = 0, most = 0;
            foreach (int weight in weights)
            {
                long a = Term(layer.Facts.Multiplied.Low, weight);
                long b = Term(layer.Facts.Multiplied.High, weight);
                least += Math.Min(a, b);
                most += Math.Max(a, b);
            }

            return least >= short.MinValue && most <= short.MaxValue;
        }

        long Term(long x, int weight)
        {
            long term = Rounding.ShiftRight(x * weight, shift, rounding);
            return negates ? -term : term;
        }
    }
}
