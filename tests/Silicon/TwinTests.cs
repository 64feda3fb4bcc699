using System.Globalization;

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
