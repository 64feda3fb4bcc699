using System.Globalization;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Silicon.Tests;

/// <summary>
/// Twins of random layers (every rounding, overflow, order, number of lanes and kind of
/// requantization) beside the reference backend: every product, every update, every output, with
/// flags.
/// </summary>
public class TwinTests
{
    private const int InCi = 24;

    /// <summary>How many layers; QSIM_TWINS=300 for a long run.</summary>
    private static int Count => int.TryParse(
        Environment.GetEnvironmentVariable("QSIM_TWINS"), CultureInfo.InvariantCulture,
        out int count)
        ? count
        : InCi;

    [SkippableFact]
    public void EveryRegister_InVerilator_IsTheReferences()
    {
        foreach (int[] seeds in Enumerable.Range(0, Count).Chunk(50))
        {
            MacTwin[] twins = [.. seeds.Select(RandomTwins.Of)];
            Simulators.AssertPassed(twins, Simulators.Verilator(twins));
        }
    }

    /// <summary>What the long run of 300 layers is made of.</summary>
    [Fact]
    public void Layers_OfTheLongRun_ReachEveryModeOrderLaneAndWidth()
    {
        MacLayer[] layers = [.. Enumerable.Range(0, 300).Select(RandomTwins.Layer)];
        ConversionSpec[] conversions =
        [
            .. layers.Select(l => l.Mac.Update),
            .. layers.Where(l => l.Mac.ProductStage == ProductStage.Converted)
                .Select(l => l.Mac.Product),
        ];
        AssertAll(conversions.Select(c => c.Rounding));
        AssertAll(conversions.Select(c => c.Overflow));
        AssertAll(conversions.Select(c => c.Dialect));
        AssertAll(layers.Select(l => l.Mac.Order));
        AssertAll(layers.Select(l => l.Mac.When));
        AssertAll(layers.Select(l => l.Mac.Bias));
        AssertAll(layers.Select(l => l.Mac.ProductStage));
        AssertAll(layers.SelectMany(l => l.Requantization).Select(r => r.Output.Rounding));
        AssertAll(layers.SelectMany(l => l.Requantization).Select(r => r.Output.Overflow));
        Assert.Equal(
            Enum.GetValues<RequantizationKind>().Except([RequantizationKind.RealOnce]),
            layers.Select(l => l.Requantization[0].Kind).Distinct().Order());
        Assert.Empty(new[] { 0, 1, 3, 8 }.Except(layers.Select(l => l.Mac.Lanes)));
        Assert.Empty(Enumerable.Range(1, 32).Except(layers.SelectMany(l =>
            new[] { l.Input.Bits, l.WeightBits, l.Mac.Update.Bits })));
        Assert.InRange(layers.Max(l => l.Input.Bits), 28, 32);
        Assert.InRange(layers.Max(l => l.WeightBits), 28, 32);

        static void AssertAll<T>(IEnumerable<T> found)
            where T : struct, Enum => Assert.Equal(Enum.GetValues<T>(), found.Distinct().Order());
    }

    [SkippableFact]
    public void EveryRegister_InIcarus_IsTheReferences()
    {
        // A layer may be called like a word of the language.
        MacTwin[] twins =
            [RandomTwins.Of(999, "reg"), .. Enumerable.Range(1000, 30).Select(RandomTwins.Of)];
        Simulators.AssertPassed(twins, Simulators.Icarus(twins));
    }

    /// <summary>In every other cycle a unit stands still, and must hold what it holds.</summary>
    [SkippableFact]
    public void Enable_Low_HoldsEveryRegister()
    {
        MacTwin[] twins = [.. Enumerable.Range(1100, 10).Select(RandomTwins.Of)];
        Simulators.AssertPassed(twins, Simulators.Icarus(twins, change: bench => bench
            .Replace("always @(posedge clk)", "always @(posedge clk) if (go)")
            .Replace(".enable(1'b1)", ".enable(go)")
            .Replace(
                "  integer step = 0;",
                "  logic go = 1'b0;\n  always @(posedge clk) go <= !go;\n  integer step = 0;")));
    }

    [SkippableFact]
    public void OneBitWrong_TheTestbenchFails_WhateverTheSeed()
    {
        MacTwin[] twins = [.. Enumerable.Range(2000, 100).Select(RandomTwins.Of)];
        string[] lines = Simulators.Icarus(twins, mutation: 7).Split('\n');
        string[] asleep =
        [
            .. twins
                .Select((t, i) => (Twin: t, Seed: 7 + (ulong)i))
                .Where(t => !lines.Any(l => Simulators.Says(l, "FAILED", t.Twin)))
                .Select(t => $"{t.Twin.Name}: {t.Twin.MutationPlace(t.Seed)}"),
        ];
        Assert.Empty(asleep);
    }

    [SkippableFact]
    public void Circuits_InYosys_HaveNoLatchAndOneDriverPerNet() =>
        Simulators.Yosys([.. Enumerable.Range(3000, 10).Select(RandomTwins.Of)]);

    [SkippableFact]
    public void Gates_AfterSynthesis_AreTheReferences()
    {
        // Small ones: synthesis of 32-bit multipliers takes a minute. One of each kind that there
        // is, then whatever comes.
        int[] small =
        [
            .. Enumerable.Range(4000, 400).Where(seed =>
                RandomTwins.CostUnit(seed, "layer").Shape is { MultiplierBitsOfAll: <= 100 } shape
                && shape.AccumulatorBits <= 16),
        ];
        ILookup<RequantizationKind, int> kinds = small.ToLookup(
            seed => RandomTwins.CostUnit(seed, "layer").Shape.Requantization);
        MacTwin[] twins =
        [
            .. kinds.SelectMany(k => k.Take(1)).Union(small).Take(10).Select(RandomTwins.Of),
        ];
        Assert.Equal(4, kinds.Count);
        Simulators.AssertPassed(twins, Simulators.Netlists(twins));
    }

    /// <summary>One bit is wrong on purpose: its row is the place that is named.</summary>
    [SkippableFact]
    public void Explain_OfADifference_NamesImageChannelPositionAndStep()
    {
        MacTwin twin = RandomTwins.Of(1000);
        string line = Simulators.Icarus([twin], mutation: 4).Split('\n')
            .Single(l => l.StartsWith("DIFFERS", StringComparison.Ordinal));
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int step = int.Parse(words[3].AsSpan("step=".Length), CultureInfo.InvariantCulture);
        int cycles = (int)(twin.Updates / twin.Outputs.Count);
        var at = twin.Outputs[step / cycles];
        Assert.Equal(
            $"{words[2]} differs at image {at.Image}, channel {at.Channel}, position "
                + $"{at.Position}, step {step % cycles}: {string.Join(' ', words.Skip(4))}",
            twin.Explain(line));
        Assert.Contains($" row {(words[2] == "output" ? step / cycles : step)},",
            twin.MutationPlace(4));
        foreach (string other in new[] { "", "DIFFERS", "DIFFERS x y step=-1", "DIFFERS x y s" })
            Assert.Equal(other, twin.Explain(other));
    }
}
