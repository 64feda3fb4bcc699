using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Backends.Simd.Mac.Bounded;
using QSim.Kernels.Backends.Simd.Mac.Pairs;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Tests.Layers;

namespace QSim.Kernels.Tests.Simd;

/// <summary>
/// Saturating accumulators near their range: every input of small layers, and bounds that are just
/// met.
/// </summary>
public sealed class BoundedSumTests
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    public void Run_EveryInputOfSmallLayers_EqualsReference(bool isSigned, int lanes)
    {
        const int Depth = 5, Channels = 40;
        var type = new FixedFormat(2, 0, isSigned);
        long[] inputs =
        [
            .. Enumerable
                .Range(0, 1 << (2 * Depth))
                .SelectMany(image =>
                    Enumerable.Range(0, Depth).Select(i => type.MinRaw + ((image >> (2 * i)) & 3))
                ),
        ];
        int bounded = 0;
        for (int seed = 0; seed < 24; seed++)
        {
            // Weights so large that 17 bits are narrow for five products, or so small that they are
            // wide.
            var random = new Random(seed);
            int size = 1 << (9 + (seed % 6));
            MacLayer layer = Layer(
                Depth, Channels, type, lanes, 17, _ => random.Next(-size, size + 1), random);
            bounded +=
                PackedSum.Of(layer, TensorLayout.Of(layer.Input)) is null
                && BoundedSum.Of(layer, TensorLayout.Of(layer.Input)) is not null
                    ? 1
                    : 0;
            AssertEqual(layer, inputs, $"seed {seed}");
        }

        Assert.InRange(bounded, 4, 24);
    }

    /// <summary>
    /// Long sums that wander around the ends of the range, with columns enough to share a tile.
    /// </summary>
    [Theory]
    [InlineData(64, 5)]
    [InlineData(150, 16)]
    [InlineData(257, 33)]
    public void Run_SumsAroundTheRange_EqualsReference(int depth, int channels)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            // From hardly any failure to nothing but failures, so that every way of looking is
            // taken.
            var random = new Random(seed);
            int most = 4 + (seed * 4);
            var type = new FixedFormat(8, 0, seed % 3 != 0);
            MacLayer layer = Layer(
                depth, channels, type, 1 + (seed % 2), 17, _ => random.Next(-127, 128), random);
            long[] inputs =
            [
                .. Enumerable
                    .Range(0, depth * 70)
                    .Select(_ =>
                        (long)random.Next(type.IsSigned && seed % 2 == 0 ? -most : 0, most + 1)
                    ),
            ];
            Assert.NotNull(BoundedSum.Of(layer, TensorLayout.Of(layer.Input)));
            AssertEqual(layer, inputs, $"depth {depth}, seed {seed}");
        }
    }

    /// <summary>
    /// Sums are looked at after every fourth pair of steps of a segment, of which these layers have
    /// two of 13: they leave the range between the 14th pair and the 17th, and are back in time.
    /// </summary>
    [Fact]
    public void Run_SumsOutsideBetweenLooksOfTheSecondSegment_EqualsReference()
    {
        const int Depth = 52, Images = 9;
        MacLayer layer = Layer(
            Depth, 16, new(8, 0, false), 1, 17,
            i => (i % Depth / 2) switch { 14 or 15 => 127, 16 => -127, _ => 0 }, new Random(1));
        Assert.NotNull(BoundedSum.Of(layer, TensorLayout.Of(layer.Input)));
        AssertEqual(layer, [.. Enumerable.Repeat(200L, Depth * Images)], "between looks");
    }

    /// <summary>What the excess promises, over every order of taking or leaving products.</summary>
    [Theory]
    [InlineData(0, 3)]
    [InlineData(-3, 3)]
    [InlineData(-3, 0)]
    public void Excess_EverySubset_IsABound(int low, int high)
    {
        var sum = new BoundedSum(-100, 100, 0, 0, low, high);
        var random = new Random(5);
        for (int trial = 0; trial < 2000; trial++)
        {
            long[] weights =
            [
                .. Enumerable.Range(0, 1 + (trial % 6)).Select(_ => (long)random.Next(-5, 6)),
            ];
            long[] products = [.. weights.Select(w => w * random.Next(low, high + 1))];
            long total = products.Sum(), reach = (long)sum.Excess(weights) * 3;
            for (int subset = 0; subset < 1 << products.Length; subset++)
            {
                long part = products.Where((_, i) => (subset >> i & 1) != 0).Sum();
                Assert.InRange(part, Math.Min(0, total) - reach, Math.Max(0, total) + reach);
            }
        }
    }

    [Fact]
    public void LargestMagnitude_EveryLengthAndPlace_FindsIt()
    {
        short[] values = new short[40];
        for (int count = 1; count <= values.Length; count++)
            for (int at = 0; at < count; at++)
            {
                Array.Fill(values, (short)-3);
                values[at] = (short)(at % 2 == 0 ? -32767 : 32767);
                Assert.Equal(32767, LargestMagnitude.Of(values.AsSpan(0, count)));
            }
    }

    private static MacLayer Layer(
        int depth, int channels, FixedFormat type, int lanes, int bits, Func<int, int> weight,
        Random random)
    {
        TensorType input = new(new(depth), type.TotalBits, type.IsSigned, 1),
            output = new(new(channels), 16, true, 1);
        return new(
            "dense",
            [0],
            output,
            input,
            new(),
            [.. Enumerable.Range(0, channels * depth).Select(weight)],
            16,
            true,
            [.. Enumerable.Range(0, channels).Select(_ => (long)random.Next(-9000, 9000))],
            OneLayer.Unit(OneLayer.Into(bits, 0)) with
            {
                Lanes = lanes,
                Bias = random.Next(2) == 0 ? BiasPosition.First : BiasPosition.Last,
            },
            [.. Enumerable.Repeat(OneLayer.Shift(OneLayer.Into(16, 1)), channels)]);
    }

    /// <summary>
    /// Values and events; flags of a wrapping accumulator come from the same sums as values of a
    /// saturating one.
    /// </summary>
    private static void AssertEqual(MacLayer layer, long[] inputs, string what)
    {
        foreach (OverflowMode overflow in new[] { OverflowMode.Saturate, OverflowMode.Wrap })
        {
            ConversionSpec update = layer.Mac.Update with { Overflow = overflow };
            MacLayer wrapped = layer with { Mac = layer.Mac with { Update = update } };
            var program = new QuantizedProgram(
                $"{what}, {overflow}",
                new(layer.Input, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), [wrapped]);
            int images = inputs.Length / layer.Input.Shape.Length;
            using IProgramRunner expected = new ReferenceBackend().Load(program);
            using IProgramRunner actual = new SimdBackend().Load(program);
            RunResult counted = expected.Run(inputs, images, RunOptions.WithEvents);
            RunAssert.Equal(
                counted, actual.Run(inputs, images, RunOptions.WithEvents), program.Name);
            Assert.Equal(
                counted.Outputs, actual.Run(inputs, images, RunOptions.Default).Outputs);
        }
    }
}
