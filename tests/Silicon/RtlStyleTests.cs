using System.Text.RegularExpressions;
using QSim.Kernels.Datapath;
using QSim.Silicon.Elements;
using QSim.Simulator.Conformance;
using QSim.Simulator.Profiles;

namespace QSim.Silicon.Tests;

/// <summary>What a reviewer of the generated SystemVerilog would refuse.</summary>
public partial class RtlStyleTests
{
    [Fact]
    public void Circuits_FitTheScreen_AndHoldNoNoise()
    {
        (string Path, string Text)[] files =
        [
            .. Enumerable.Range(0, 100).SelectMany(seed => RandomTwins.Of(seed).Files())
                .Concat(ShippedProfiles.Names.SelectMany(Elements))
                .Where(f => f.Path.EndsWith(".sv", StringComparison.Ordinal)),
        ];
        Assert.InRange(files.Length, 500, 5000);
        string[] problems =
        [
            .. from file in files
               from line in file.Text.Split('\n')
               where Problem(line) is not null
               select $"{file.Path}: {Problem(line)}: {line}",
        ];
        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }

    private static string? Problem(string line) =>
        line.Length > 100 ? $"{line.Length} columns"
        : line.Length > 0 && char.IsWhiteSpace(line[^1]) ? "blanks at the end"
        : line.Contains('\t') ? "a tab"
        : ExtendedByHand().IsMatch(line) ? "a sign extended by hand"
        : line.StartsWith("// ", StringComparison.Ordinal) && char.IsAsciiLetterLower(line[3])
            && !line.StartsWith("// first", StringComparison.Ordinal)
            && !line.StartsWith("// the", StringComparison.Ordinal) ? "no sentence"
        : null;

    [GeneratedRegex(@"\{\d+\{\w+\[\d+\]\}\}, \w")]
    private static partial Regex ExtendedByHand();

    private static IEnumerable<(string Path, string Text)> Elements(string profile)
    {
        QuantizedProgram program = ShippedCases.Program(profile, ShippedCases.EveryLayer());
        return Enumerable.Range(0, program.Layers.Length)
            .Where(l => program.Layers[l] is not MacLayer
                && ElementTwin.WhyNot(program, l) is null)
            .SelectMany(l => new ElementTwin(program, l, $"{CircuitNames.Of(profile)}{l}").Files());
    }
}
