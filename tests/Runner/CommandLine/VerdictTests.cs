using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>The checks, norms and the transfer matrix through the real executable.</summary>
public class VerdictTests
{
    private static readonly string[] Digits =
    [
        "run",
        "--images",
        "150",
        "--epsilons",
        "16/255,24/255",
        "--out",
        "r",
    ];

    [Fact]
    public void Run_WrappingAccumulator_IsNotBelievedForItsMaskedGradients()
    {
        using var folder = new TemporaryFolder();

        Finished run = Qsim.RunIn(
            folder.Path,
            [.. Digits, "--profile", "int8-acc-wrap", "--attacks", "fgsm,apgd-ce-50,square-500"]);

        // Straight-through gradients see nothing of wrapping; Square, which sees logits only,
        // breaks more.
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Verdict: not believable as it stands for ", run.Out);
        Assert.Contains("int8-acc-wrap (strong_black_box", run.Out);
        Assert.Contains(
            "warning: strong_black_box: square-500 linf 16/255 on int8-acc-wrap", run.Error);
        JsonElement results = Read(folder, "r");
        Assert.False(results.GetProperty("verdict").GetProperty("believable").GetBoolean());
        Assert.Contains(
            results.GetProperty("doubts").EnumerateArray(),
            d =>
                d.GetProperty("check").GetString() == "strong_black_box"
                && d.GetProperty("target").GetString() == "int8-acc-wrap");
        Assert.All(
            results.GetProperty("effort").EnumerateArray(),
            e =>
                Assert.True(
                    e.GetProperty("most_queries").GetInt64()
                        >= e.GetProperty("median_queries").GetInt64()));
    }

    [Fact]
    public void Run_WideAccumulatorUnderApgd_IsBelieved()
    {
        using var folder = new TemporaryFolder();

        Finished run = Qsim.RunIn(
            folder.Path, [.. Digits, "--profile", "int8-wide", "--attacks", "fgsm,apgd-ce-50"]);

        Assert.EndsWith(
            "Verdict: believable: no check found a sign of masked gradients or weak attacks\n",
            run.Out);
        Assert.DoesNotContain("warning: ", run.Error);
        JsonElement results = Read(folder, "r");
        Assert.True(results.GetProperty("verdict").GetProperty("believable").GetBoolean());

        // The control that is allowed every change is in the effort, and in no table.
        Assert.Contains(
            results.GetProperty("effort").EnumerateArray(),
            e => e.GetProperty("epsilon").GetString() == "1");
        Assert.DoesNotContain(
            results.GetProperty("accuracy").EnumerateArray(),
            a => a.GetProperty("epsilon").GetString() == "1");
    }

    [Fact]
    public void Run_SmallestChangesUnderL2_ReportsQuantilesAndTheMatrix()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "run",
            "--images",
            "20",
            "--epochs",
            "5",
            "--norm",
            "l2",
            "--attacks",
            "pgd-5,deepfool",
            "--epsilons",
            "0.5,1",
            "--profile",
            "int8-wide",
            "--restarts",
            "2",
            "--transfer-matrix",
        ];

        Finished run = Qsim.RunIn(folder.Path, [.. arguments, "--out", "r"]);

        Assert.Equal((0, ""), (run.ExitCode, run.ExitCode == 0 ? "" : run.Error));
        Assert.Contains("Epsilon: L2", run.Out);
        Assert.Contains("transfer matrix, deepfool 1\n", run.Out);
        Assert.Matches(@"int8-wide +deepfool +hardware +1( +(\d\.\d+|-)){5} +\d+ of \d+", run.Out);
        JsonElement results = Read(folder, "r");
        Assert.Equal("l2", results.GetProperty("study").GetProperty("norm").GetString());
        Assert.Equal(2 * 2 * 2 * 2, results.GetProperty("transfers").GetArrayLength());
        JsonElement found = results.GetProperty("smallest_changes").EnumerateArray().First();
        double median = found.GetProperty("median").GetDouble();
        Assert.InRange(
            median, found.GetProperty("q25").GetDouble(), found.GetProperty("q75").GetDouble());

        // Half of the images that were right fall below the median: the curve says the same.
        JsonElement[] cells =
        [
            .. results
                .GetProperty("accuracy")
                .EnumerateArray()
                .Where(a =>
                    a.GetProperty("target").GetString() == "float"
                    && a.GetProperty("attack").GetString() is "none" or "deepfool"),
        ];
        int right = cells[0].GetProperty("correct").GetInt32();
        int at1 = cells[^1].GetProperty("correct").GetInt32();
        Assert.Equal(median <= 1, at1 <= right - ((right + 1) / 2));
    }

    [Theory]
    [InlineData(
        "attack 'cw' does not support norm linf: only l2 (supported: l2; one study has one norm)",
        "run --attacks cw")]
    [InlineData("unknown norm 'l3'", "run --norm l3")]
    [InlineData(
        "attack 'overflow' works from the hardware's design",
        "run --attacks overflow --threat transfer")]
    [InlineData("restarts 0 (supported: 1..1000)", "run --restarts 0")]
    [InlineData("'2' is not a valid epsilon; for 0-255 pixels write 2/255", "run --epsilons 2")]
    public void Run_ImpossibleCombination_IsOneLine(string message, string arguments)
    {
        Finished run = Qsim.Run(arguments.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    private static JsonElement Read(TemporaryFolder folder, string run) =>
        JsonDocument.Parse(File.ReadAllText(folder.File($"{run}/results.json"))).RootElement;
}
