using System.Globalization;
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
            AssertPassed(twins, Simulators.Verilator(twins));
        }
    }

    [SkippableFact]
    public void EveryRegister_InIcarus_IsTheReferences()
    {
        // A layer may be called like a word of the language.
        MacTwin[] twins =
            [RandomTwins.Of(999, "reg"), .. Enumerable.Range(1000, 30).Select(RandomTwins.Of)];
        AssertPassed(twins, Simulators.Icarus(twins));
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
                .Where(t => !lines.Any(l => Says(l, "FAILED", t.Twin)))
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
        AssertPassed(twins, Simulators.Netlists(twins));
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

    private static void AssertPassed(MacTwin[] twins, string said)
    {
        string[] lines = said.Split('\n');
        foreach (MacTwin twin in twins)
            Assert.True(
                lines.Any(l => Says(l, "PASSED", twin)),
                string.Join('\n', lines.Where(l => l.Contains($" {twin.Name} "))));
    }

    private static bool Says(string line, string word, MacTwin twin) =>
        line.StartsWith($"{word} {twin.Name} ", StringComparison.Ordinal);
}
