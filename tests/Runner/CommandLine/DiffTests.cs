using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

public class DiffTests : IClassFixture<DiffTests.TwoRuns>
{
    private readonly TwoRuns _runs;

    public DiffTests(TwoRuns runs) => _runs = runs;

    [Fact]
    public void Diff_TwoRuns_CountsImagesThatOnlyOneGetsRight()
    {
        JsonElement lines = JsonDocument
            .Parse(Diff("a", "b", "--json").Out)
            .RootElement.GetProperty("lines");

        Assert.Equal(
            ["float none", "chip none", "float fgsm", "chip fgsm"],
            lines
                .EnumerateArray()
                .Select(l => $"{l.GetProperty("target")} {l.GetProperty("attack")}"));
        JsonElement chip = lines[1];
        (string before, string after) = (
            _runs.Outcomes("a", "chip", "none"), _runs.Outcomes("b", "chip", "none"));
        Assert.Equal(
            before.Zip(after).Count(p => p is ('1', '0')),
            chip.GetProperty("only_first").GetInt32());
        Assert.Equal(
            before.Zip(after).Count(p => p is ('0', '1')),
            chip.GetProperty("only_second").GetInt32());
        Assert.NotEqual(before, after);
        Assert.Equal(1, lines[0].GetProperty("p").GetDouble());
    }

    [Fact]
    public void Diff_Gate_FailsWhereSomethingDropsAndOnlyThere()
    {
        Finished worse = Diff("a", "b", "--fail-if", "clean drops more than 1.0");
        Finished allowed = Diff("a", "b", "--fail-if", "clean drops more than 100");
        Finished better = Diff("b", "a", "--fail-if", "clean drops more than 1.0");
        Finished same = Diff(
            "a", "a", "--fail-if", "robust drops more than 0", "--fail-if",
            "clean drops more than 0");

        Assert.Equal(
            (1, 0, 0, 0), (worse.ExitCode, allowed.ExitCode, better.ExitCode, same.ExitCode));
        Assert.Matches(
            @"^qsim: gate failed: chip on clean images drops by [\d.]+ points, more than 1\n$",
            worse.Error);
    }

    [Theory]
    [InlineData("--fail-if 'often' is not understood", "a", "b", "--fail-if", "often")]
    [InlineData("nowhere: no such folder", "a", "nowhere")]
    [InlineData("a and c measured different images", "a", "c")]
    [InlineData("a and e measured different images", "a", "e")]
    public void Diff_BadInput_IsOneLineAndExitCode2(string expected, params string[] arguments)
    {
        Finished finished = Diff(arguments);

        Assert.Equal((2, ""), (finished.ExitCode, finished.Out));
        Assert.Contains(expected, Assert.Single(finished.Error.TrimEnd('\n').Split('\n')));
    }

    [Fact]
    public void Diff_OfOtherAttacks_SaysSoAndNoGateOfAttacksPasses()
    {
        Finished diff = Diff("a", "d");
        Finished gate = Diff("a", "d", "--fail-if", "robust drops more than 1.0");

        Assert.Equal(0, diff.ExitCode);
        Assert.Contains(
            "Only clean images are compared: the runs have no attack and budget in common. "
                + "a: fgsm under linf at", diff.Out);
        Assert.Equal((2, ""), (gate.ExitCode, gate.Out));
        Assert.Contains("the runs have no attack and budget in common", gate.Error);
    }

    private Finished Diff(params string[] arguments) =>
        Qsim.RunIn(_runs.Folder.Path, ["diff", .. arguments]);

    /// <summary>
    /// The same chip with an accumulator of 24 bits, then with 12; and runs on fewer images and on
    /// others.
    /// </summary>
    public sealed class TwoRuns : IDisposable
    {
        public TwoRuns()
        {
            string[] run =
            [
                "run",
                "--epochs",
                "4",
                "--attacks",
                "fgsm",
                "--epsilons",
                "0.05",
                "--profile",
                "chip.yaml",
                "--quiet",
                "--cache",
                "cache",
                "--calibration-images",
                "64",
            ];
            Write(24);
            Assert.Equal(
                "", Qsim.RunIn(Folder.Path, [.. run, "--images", "60", "--out", "a"]).Error);
            Write(12);
            Assert.Equal(
                "", Qsim.RunIn(Folder.Path, [.. run, "--images", "60", "--out", "b"]).Error);
            Assert.Equal(
                "", Qsim.RunIn(Folder.Path, [.. run, "--images", "10", "--out", "c"]).Error);
            string[] later = ["--images", "60", "--skip-images", "60", "--out", "e"];
            Assert.Equal("", Qsim.RunIn(Folder.Path, [.. run, .. later]).Error);
            string[] other = [.. run.Select(w => w == "fgsm" ? "pgd-2" : w)];
            Assert.Equal(
                "", Qsim.RunIn(Folder.Path, [.. other, "--images", "60", "--out", "d"]).Error);
        }

        internal TemporaryFolder Folder { get; } = new();

        public string Outcomes(string run, string target, string attack) =>
            File.ReadAllLines(Folder.File($"{run}/cells.jsonl"))
                .Select(l => JsonDocument.Parse(l).RootElement)
                .Single(c =>
                    c.GetProperty("target").GetString() == target
                    && c.GetProperty("attack").GetString() == attack)
                .GetProperty("outcomes")
                .GetString()!;

        public void Dispose() => Folder.Dispose();

        private void Write(int bits) => File.WriteAllText(Folder.File("chip.yaml"), $$"""
            schema: qsim/hardware-profile/1
            name: chip
            extends: int8-wide
            mac:
              accumulator: {bits: {{bits}}, overflow: SAT}
            """);
    }
}
