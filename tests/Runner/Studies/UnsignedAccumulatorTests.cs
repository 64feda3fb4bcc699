using QSim.Runner.Tests.CommandLine;

namespace QSim.Runner.Tests.Studies;

/// <summary>
/// An unsigned accumulator with sums below 0 lacks a sign, not bits: no width would hold them.
/// </summary>
public sealed class UnsignedAccumulatorTests
{
    [Fact]
    public void Run_SumsBelowZero_NeedASignAndNoNumberOfBits()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("p.yaml"),
            "schema: qsim/hardware-profile/1\nname: p\nextends: int8-wide\n"
                + "mac: {accumulator: {bits: 24, signed: false, overflow: SAT}}\n");

        Finished run = Qsim.RunIn(
            folder.Path, "run", "--epochs", "1", "--images", "10", "--attacks", "fgsm",
            "--epsilons", "0.1", "--profile", "p.yaml", "--certify", "bounds", "--out", "r",
            "--quiet");

        Assert.Equal(0, run.ExitCode);
        string[] columns = Lines("layers.csv")[0];
        string[] layer = Lines("layers.csv")[1];
        foreach (string empty in new[] { "needs_any", "needs_calibration", "headroom" })
            Assert.Equal("", layer[Array.IndexOf(columns, empty)]);
        Assert.Equal("24", layer[Array.IndexOf(columns, "accumulator_bits")]);
        Assert.Equal("8", layer[Array.IndexOf(columns, "can_overflow")]);
        Assert.Equal("", Lines("accumulators.csv")[1][^1]);
        string report = File.ReadAllText(folder.File("r/report.md"));
        Assert.Contains("| p | no sign | no sign | no sign | no sign |", report);
        Assert.Contains("| p | conv1 | 24 | a sign | a sign |", report);

        string[][] Lines(string name) =>
            [.. File.ReadAllLines(folder.File($"r/{name}")).Select(l => l.Split(','))];
    }
}
