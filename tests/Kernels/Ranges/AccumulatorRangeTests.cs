using System.Numerics;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Kernels.Ranges;
using QSim.Kernels.Conformance;

namespace QSim.Kernels.Tests.Ranges;

/// <summary>
/// Interval analysis against every input that there is, run by the reference backend.
/// </summary>
public sealed class AccumulatorRangeTests
{
    /// <summary>
    /// A dense layer of 2-bit inputs whose accumulator is too wide to overflow: its sums are the
    /// truth.
    /// </summary>
    [Fact]
    public void Of_TinyLayers_EqualsBruteForceAtEveryUpdate()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            QuantizedProgram program = Wide(seed, 1 + (seed % 4));
            var layer = (MacLayer)program.Layers[0];
            (long Low, long High)[] seen = BruteForce(program, layer);
            ChannelRange range = AccumulatorRanges.Of(layer)[0];
            string why = $"seed {seed}: {layer.Mac}";
            Assert.True(seen.Length == range.Sums.Count, why);
            for (int i = 0; i < seen.Length; i++)
                Assert.True(
                    seen[i] == ((long)range.Sums[i].Low, (long)range.Sums[i].High),
                    $"{why} update {i}");
            Assert.False(range.IsBound);
            Assert.False(range.CanOverflow);
        }
    }

    [Fact]
    public void RequiredBits_HoldsEverySum_AndOneLessDoesNot()
    {
        int checkedLayers = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            QuantizedProgram program = Wide(seed, 1 + (seed % 4));
            var layer = (MacLayer)program.Layers[0];
            ChannelRange range = AccumulatorRanges.Of(layer)[0];
            Assert.False(Overflows(program, range.RequiredBits), $"seed {seed}");
            FixedFormat narrower = new(range.RequiredBits - 1, 0, true);
            bool biasFits = range.RequiredBits > 2
                && layer.Bias[0] >= narrower.MinRaw && layer.Bias[0] <= narrower.MaxRaw;
            if (!biasFits) continue;
            checkedLayers++;
            Assert.True(Overflows(program, range.RequiredBits - 1), $"seed {seed}");
        }

        Assert.InRange(checkedLayers, 100, 200);
    }

    [Fact]
    public void L1Bits_IsNeverLessThanNeeded_AndFollowsItsFormula()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var layer = (MacLayer)Wide(seed, 1 + (seed % 4)).Layers[0];
            layer = layer with { Bias = [0] };
            ChannelRange range = AccumulatorRanges.Of(layer)[0];
            BigInteger norm = layer.Weights.Sum(w => Math.Abs((long)w));
            BigInteger most =
                norm * BigInteger.Pow(2, layer.Input.Bits - (layer.Input.IsSigned ? 1 : 0));
            Assert.True(most <= BigInteger.Pow(2, range.L1Bits - 1) - 1, $"seed {seed}");
            Assert.True(
                norm.IsZero || most > BigInteger.Pow(2, range.L1Bits - 2) - 1, $"seed {seed}");
            // The formula bounds sums of exact products from zero.
            if (layer.Mac.Update.Shift == layer.Mac.PartialAlign && layer.Mac.InputOffset == 0)
                Assert.True(range.RequiredBits <= Math.Max(1, range.L1Bits), $"seed {seed}");
        }
    }

    /// <summary>
    /// Whatever modes a layer has: no sum that the reference reaches lies outside.
    /// </summary>
    [Fact]
    public void Of_RandomLayers_HoldsWhatTheReferenceReaches()
    {
        int overflowing = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            QuantizedProgram program = ProgramGenerator.Dense(seed, 1 + (seed % 24), 3);
            var layer = (MacLayer)program.Layers[0];
            long[] inputs = ProgramGenerator.Inputs(program, 4, seed);
            ChannelRange[] any = AccumulatorRanges.Of(layer);
            ChannelRange[] observed = AccumulatorRanges.Of(
                layer, InputIntervals.Observed(layer.Input, inputs));
            using IProgramRunner runner = new ReferenceBackend().Load(program);
            long[] overflowed = runner.Run(inputs, 4, RunOptions.WithEvents).Events[0].Stages
                .Single(s => s.Stage == EventStage.Accumulator).Overflowed;
            for (int c = 0; c < any.Length; c++)
            {
                Assert.True(
                    observed[c].Total.Low >= any[c].Total.Low
                        && observed[c].Total.High <= any[c].Total.High
                );
                if (overflowed[c] == 0)
                    continue;
                overflowing++;
                Assert.True(
                    any[c].CanOverflow && observed[c].CanOverflow, $"seed {seed} channel {c}");
            }
        }

        Assert.InRange(overflowing, 50, 900);
    }

    [Fact]
    public void Of_Convolution_UsesEachChannelsOwnInterval()
    {
        TensorType input = new(new(2, 3, 3), 4, false, 1);
        MacLayer layer = Conv(input, [1, 1, 1, 1, -2, -2, -2, -2]);
        long[] image = [.. Enumerable.Repeat(3L, 9), .. Enumerable.Repeat(5L, 9)];
        ChannelRange observed = AccumulatorRanges.Of(layer, InputIntervals.Observed(input, image))[
            0
        ];
        Assert.Equal(new ExactRange(-4 * 2 * 5, 4 * 3), observed.Sums[^1]);
        Assert.Equal(new ExactRange(-4 * 2 * 15, 4 * 15), AccumulatorRanges.Of(layer)[0].Sums[^1]);
        Assert.False(AccumulatorRanges.Of(layer)[0].IsBound);
        TensorType dot = input with { Shape = new(2, 1, 1) };
        MacLayer padded = layer with
        {
            Input = dot,
            Geometry = new(2, 2, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1),
        };
        Assert.True(AccumulatorRanges.Of(padded)[0].IsBound);
    }

    private static MacLayer Conv(TensorType input, int[] weights) =>
        new(
            "conv",
            [0],
            new(new(1, 2, 2), 8, true, 1),
            input,
            new(2, 2),
            [.. weights],
            4,
            true,
            [0],
            Spec(new Choices(0), 1, lanes: 1) with
            {
                AccumulatorAlign = 0,
                PartialAlign = 0,
                Update = ConversionSpec.Into(
                    new FixedFormat(30, 0, true), 0, default, OverflowMode.Saturate),
                Order = ReductionOrder.ChannelFirst,
                InputOffset = 0,
            },
            [Requantize()]
        );

    private static QuantizedProgram Wide(int seed, int depth)
    {
        var choose = new Choices(seed);
        TensorType input = new(new(depth), 2, choose.Chance(0.5), 1);
        var layer = new MacLayer(
            "dense", [0], new(new(1), 8, true, 1), input, new(),
            [.. Enumerable.Range(0, depth).Select(_ => choose.Between(-8, 7))], 4, true,
            [choose.Between(-9, 9)], Spec(choose, choose.Between(1, 3), choose.Between(0, 3)),
            [Requantize()]);
        return new(
            $"seed {seed}", new(input, RoundingMode.TowardNegative, OverflowMode.Saturate),
            [layer]);
    }

    private static MacSpec Spec(Choices choose, int interleave, int lanes)
    {
        int align = choose.Between(0, 2), dropped = choose.Between(0, 2);
        return new()
        {
            ProductStage = ProductStage.Exact,
            AccumulatorAlign = dropped,
            PartialAlign = align,
            Update = ConversionSpec.Into(
                new FixedFormat(30, 0, true), dropped,
                (RoundingMode)choose.Between(0, (int)RoundingMode.NearestTiesToOdd),
                OverflowMode.Saturate),
            Lanes = lanes,
            Order = ReductionOrder.Interleave,
            Interleave = interleave,
            When = choose.OfEnum<AccumulatorUpdate>(),
            Bias = choose.OfEnum<BiasPosition>(),
            InputOffset = choose.Between(0, 1),
        };
    }

    private static Requantization Requantize() =>
        new()
        {
            Kind = RequantizationKind.Shift,
            Output = ConversionSpec.Into(
                new FixedFormat(8, 0, true), 0, RoundingMode.TowardNegative, OverflowMode.Saturate),
            ClampMin = long.MinValue,
            ClampMax = long.MaxValue,
        };

    private static (long Low, long High)[] BruteForce(QuantizedProgram program, MacLayer layer)
    {
        (long Low, long High)[]? seen = null;
        foreach (long[] input in AllInputs(layer.Input))
        {
            long[] sums =
            [
                .. MacTracer
                    .Trace(program, 0, input, new(0, 0, 0))
                    .Updates.Select(u => u.Accumulator),
            ];
            seen ??= [.. sums.Select(_ => (long.MaxValue, long.MinValue))];
            for (int i = 0; i < sums.Length; i++)
                seen[i] = (Math.Min(seen[i].Low, sums[i]), Math.Max(seen[i].High, sums[i]));
        }

        return seen!;
    }

    private static bool Overflows(QuantizedProgram program, int bits)
    {
        var layer = (MacLayer)program.Layers[0];
        var narrow = layer with
        {
            Mac = layer.Mac with
            {
                Update = ConversionSpec.Into(
                    new FixedFormat(bits, 0, true), layer.Mac.Update.Shift,
                    layer.Mac.Update.Rounding, OverflowMode.Saturate),
            },
        };
        return AllInputs(layer.Input).Any(input => MacTracer
            .Trace(program with { Layers = [narrow] }, 0, input, new(0, 0, 0))
            .Updates.Any(u => u.Events.HasFlag(ConversionEvents.Overflowed)));
    }

    private static IEnumerable<long[]> AllInputs(TensorType type)
    {
        int values = (int)(type.MaxRaw - type.MinRaw + 1), depth = type.Shape.Length;
        for (int code = 0; code < Math.Pow(values, depth); code++)
        {
            var input = new long[depth];
            for (int i = 0, rest = code; i < depth; i++, rest /= values)
                input[i] = type.MinRaw + (rest % values);
            yield return input;
        }
    }
}
