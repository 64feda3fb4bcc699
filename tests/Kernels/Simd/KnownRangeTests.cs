using System.Collections.Immutable;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Simd;
using QSim.Kernels.Backends.Simd.Mac;
using QSim.Kernels.Backends.Simd.Mac.Shorts;
using QSim.Kernels.Datapath;
using QSim.Kernels.Tests.Conformance;
using QSim.Kernels.Tests.Layers;

namespace QSim.Kernels.Tests.Simd;

/// <summary>
/// Sums of 16 bits that run as long as weights and inputs allow: inputs at their ends, where one
/// step more would not do.
/// </summary>
public sealed class KnownRangeTests
{
    [Theory]
    [InlineData(RoundingMode.TowardNegative)]
    [InlineData(RoundingMode.NearestTiesTowardPositive)]
    [InlineData(RoundingMode.NearestTiesTowardNegative)]
    public void Run_InputsAtTheirEnds_EqualsReference(RoundingMode rounding)
    {
        const int Depth = 129;
        for (int seed = 0; seed < 6; seed++)
        {
            QuantizedProgram program = TwoLayers(
                Depth, rounding, 1 + (seed % 5), seed % 2 == 0, new Random(seed));
            ImmutableArray<int> weights = ((MacLayer)program.Layers[0]).Weights;

            // For every channel the inputs that take its sums furthest up, then furthest down.
            long[] inputs =
            [
                .. weights.Select(w => w > 0 ? 127L : -128L),
                .. weights.Select(w => w > 0 ? -128L : 127L),
            ];
            RunAssert.EqualsReference(new SimdBackend(), program, inputs, RunOptions.Default);
        }
    }

    /// <summary>Longer would overflow, and weights' signs allow twice what magnitudes do.</summary>
    [Fact]
    public void Pairs_OfKnownWeights_AreAsManyAsFit()
    {
        var random = new Random(3);
        QuantizedProgram program = TwoLayers(
            257, RoundingMode.TowardNegative, 4, true, random);
        var layer = (MacLayer)program.Layers[1];
        var known = (MacLayer)KnownRanges.Apply(program)[1];
        Assert.False(known.Input.IsSigned);
        Assert.Equal(7, known.Input.Bits);
        Assert.InRange(Pairs(known), Pairs(layer) + 10, 129);
        Assert.InRange(Pairs(layer), 33, 64);
        Assert.Equal(
            129, Pairs(layer with { Weights = [.. layer.Weights.Select(w => w / 40)] }));
    }

    /// <summary>
    /// A second channel, or the odd steps of the same one, makes goes shorter, and their new ends
    /// take in more of the first channel's even steps than the longer ones did.
    /// </summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void Run_GoesThatAnotherLaneShortens_EqualsReference(int channel, int parity)
    {
        const int Depth = 28;
        QuantizedProgram program = TwoLayers(
            Depth, RoundingMode.TowardNegative, 1, false, new Random(1));
        int[] weights = new int[Depth * Depth];
        foreach (int pair in new[] { 4, 5, 6, 7, 8, 9 }) weights[2 * pair] = 127;
        foreach (int pair in new[] { 0, 1, 2, 5, 6 })
            weights[(channel * Depth) + (2 * pair) + parity] = 127;
        IsAsReference(program, weights);
    }

    /// <summary>Only what an activation or a saturating conversion promises is known.</summary>
    [Theory]
    [InlineData(OverflowMode.Saturate, 0L, false)]
    [InlineData(OverflowMode.Saturate, -1L, true)]
    [InlineData(OverflowMode.Wrap, 0L, true)]
    public void Apply_OutputsOfALayer_AreKnownWhereNothingWraps(
        OverflowMode overflow, long clampMin, bool isSigned)
    {
        QuantizedProgram program = TwoLayers(
            9, RoundingMode.TowardNegative, 4, true, new Random(1));
        var first = (MacLayer)program.Layers[0];
        first = first with
        {
            Requantization =
            [
                .. first.Requantization.Select(r => r with
                {
                    ClampMin = clampMin,
                    Output = r.Output with { Overflow = overflow },
                }),
            ],
        };
        program = program with { Layers = [first, program.Layers[1]] };
        Assert.Equal(isSigned, ((MacLayer)KnownRanges.Apply(program)[1]).Input.IsSigned);
    }

    private static int Pairs(MacLayer layer) =>
        SumLength.Pairs(
            new MacShape(layer), [.. Enumerable.Range(0, layer.Depth)],
            ShortSum.Of(layer, TensorLayout.Of(layer.Input))!);

    /// <summary>The first layer alone, with other weights, on the largest inputs.</summary>
    private static void IsAsReference(QuantizedProgram program, int[] weights)
    {
        var layer = (MacLayer)program.Layers[0] with { Weights = [.. weights] };
        program = program with { Layers = [layer] };
        long[] inputs = [.. Enumerable.Repeat(127L, program.Input.Type.Shape.Length)];
        RunAssert.EqualsReference(new SimdBackend(), program, inputs, RunOptions.Default);
    }

    /// <summary>Two dense layers of one size, with a ReLU between them or without.</summary>
    private static QuantizedProgram TwoLayers(
        int depth, RoundingMode rounding, int shift, bool relu, Random random)
    {
        TensorType type = new(new(depth), 8, true, 1);
        var requantization = new Requantization
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new(8, 0, true), 9 - shift, RoundingMode.TowardNegative, OverflowMode.Saturate),
            ClampMin = relu ? 0 : long.MinValue,
            ClampMax = long.MaxValue,
        };
        return new(
            $"two layers, {rounding}, {shift} bits, depth {depth}",
            new(type, RoundingMode.NearestTiesToEven, OverflowMode.Saturate),
            [Layer(0), Layer(1)]);

        MacLayer Layer(int index) => new(
            $"dense{index}", [index], type, type, new(),
            [.. Enumerable.Range(0, depth * depth).Select(_ => random.Next(-127, 128))], 8, true,
            [.. Enumerable.Range(0, depth).Select(_ => (long)random.Next(-99, 99))],
            OneLayer.Unit(OneLayer.Into(24, shift, rounding)),
            [.. Enumerable.Repeat(requantization, depth)]);
    }
}
