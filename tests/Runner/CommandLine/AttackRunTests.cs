using System.Runtime.InteropServices;
using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// Tiny studies with every norm, threat model and limit that a study can name: what the files say,
/// and that they say it again, byte for byte, when the run is done again, was killed, or was split.
/// </summary>
public class AttackRunTests : IClassFixture<AttackStudies>
{
    private static readonly string[] Compared =
[
    "study.json",
        "results.json",
        "results.csv",
        "robust.csv",
        "transfers.csv",
        "effort.csv",
        "doubts.csv",
        "smallest-changes.csv",
    ];

    private readonly AttackStudies _studies;

    public AttackRunTests(AttackStudies studies) => _studies = studies;

    public static TheoryData<string> Names => [.. AttackStudies.Names];

    public static TheoryData<string> Repeated =>
        [.. AttackStudies.Names.Except(["score", "label"])];

    [Theory]
    [MemberData(nameof(Repeated))]
    public void Run_AgainKilledOrSplit_GivesTheSameBytes(string study)
    {
        string whole = Whole(study), folder = _studies.Folder.Path;
        string[] cells = File.ReadAllLines(Path.Combine(whole, "cells.jsonl"));
        Assert.Equal("", Finish("run", $"{study}/study.json", "--out", $"{study}-again"));

        // As a process leaves it that was killed in the middle of a line.
        string killed = Directory.CreateDirectory(Path.Combine(folder, $"{study}-killed")).FullName;
        File.Copy(Path.Combine(whole, "study.json"), Path.Combine(killed, "study.json"));
        File.WriteAllText(
            Path.Combine(killed, "cells.jsonl"),
            string.Concat(cells[..(cells.Length / 2)].Select(c => c + "\n"))
                + cells[cells.Length / 2][..40]);
        Assert.Equal(
            $"{study}-killed: {cells.Length / 2} cells are measured, going on\n",
            Finish("run", $"{study}.yaml", "--out", $"{study}-killed"));
        foreach (int part in new[] { 1, 2 })
            Finish("run", $"{study}.yaml", "--shard", $"{part}/2", "--out", $"{study}-{part}");
        Finish("merge", $"{study}-merged", $"{study}-2", $"{study}-1");
        foreach (string other in new[] { "again", "killed", "merged" })
            foreach (string file in Compared)
                Assert.Equal(
                    File.ReadAllText(Path.Combine(whole, file)),
                    File.ReadAllText(Path.Combine(folder, $"{study}-{other}", file)));
        foreach (int part in new[] { 1, 2 })
            Assert.InRange(Cells($"{study}-{part}"), 1, cells.Length - 1);
    }

    /// <summary>Each figure says what the attacker knew, and the printed legend does.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Run_AnyStudy_StatesTheThreatModelOfEveryFigure(string study)
    {
        JsonElement results = Results(study);
        string threat = study is "score" or "label" ? study : "hardware";
        JsonElement[] attacked =
        [
            .. results.GetProperty("accuracy").EnumerateArray()
                .Where(a => a.GetProperty("attack").GetString() != "none"),
        ];
        Assert.NotEmpty(attacked);
        Assert.All(attacked, a => Assert.Equal(threat, a.GetProperty("threat").GetString()));
        Assert.All(
            results.GetProperty("effort").EnumerateArray(),
            e => Assert.Equal(threat, e.GetProperty("threat").GetString()));
        Assert.Contains($"\nThreat model {threat}: ", _studies.Output(study));
        string norm = study is "l1" or "l2" ? study : "linf";
        Assert.Equal(norm, results.GetProperty("study").GetProperty("norm").GetString());
        Assert.All(
            CellLines(study).Where(c => c.GetProperty("attack").GetString() != "none"),
            c =>
            {
                // A matrix, or the control that every study under hardware has.
                bool isTransfer = c.TryGetProperty("source", out _);
                Assert.Equal(
                    isTransfer ? "transfer" : threat, c.GetProperty("threat").GetString());
                Assert.Equal(norm, c.GetProperty("norm").GetString());
                Assert.Equal(AttackStudies.Images, c.GetProperty("outcomes").GetString()!.Length);
            });

        // More budget never brings an image back, for attacks that are not made anew from nothing.
        foreach (var curve in attacked.GroupBy(
            a => (a.GetProperty("target").GetString(), a.GetProperty("attack").GetString())))
        {
            int[] right = [.. curve.Select(a => a.GetProperty("correct").GetInt32())];
            Assert.True(right[^1] <= right[0], $"{curve.Key}: {string.Join(' ', right)}");
        }
    }

    [Fact]
    public void Run_L1_BreaksMoreThanNothingWithEveryAttack()
    {
        JsonElement results = Results("l1");
        int clean = Correct(results, "int8-wide", "none", 0);
        foreach (string attack in new[] { "apgd-ce-12", "square-20", "fab-t" })
            Assert.InRange(Correct(results, "int8-wide", attack, 1), 0, clean - 1);
        Assert.Equal(15, Effort(results, "int8-wide", "apgd-ce-12").GetProperty("most_gradients")
            .GetInt64());
        JsonElement smallest = results.GetProperty("smallest_changes").EnumerateArray().First();
        Assert.Equal("fab-t", smallest.GetProperty("attack").GetString());
        Assert.InRange(smallest.GetProperty("median").GetDouble(), 0.1, 4);
    }

    [Fact]
    public void Run_Restarts_MakesThatManyAttemptsAtWhatStands()
    {
        JsonElement effort = Effort(Results("restarts"), "float", "pgd-3");
        Assert.Equal(4, effort.GetProperty("attempts").GetInt32());
        Assert.Equal(12, effort.GetProperty("most_gradients").GetInt64());
    }

    [Fact]
    public void Run_Overflow_TakesGradientsOnHardwareThatCanOverflowOnly()
    {
        JsonElement results = Results("overflow");
        Assert.Equal(0, Effort(results, "float", "overflow").GetProperty("most_gradients")
            .GetInt64());
        Assert.True(Effort(results, "int8-acc-wrap", "overflow").GetProperty("most_gradients")
            .GetInt64() >= 40);
    }

    [Fact]
    public void Run_PixelGrid_SendsMultiplesOnly()
    {
        JsonElement results = Results("grid");
        Assert.Equal(16, results.GetProperty("study").GetProperty("pixel_levels").GetInt32());
        Assert.Contains("multiples of 1/16", _studies.Output("grid"));

        // Digits have 17 grey values: adversarial ones have no others. Epsilons 0.1 and 0.2 hold
        // one step and three.
        float[] pixels = [.. Adversarial("grid")];
        Assert.NotEmpty(pixels);
        Assert.All(pixels, p => Assert.Equal(MathF.Round(p * 16), p * 16));
        Assert.Contains(Adversarial("restarts"), p => MathF.Round(p * 16) != p * 16);
    }

    [Fact]
    public void Run_ExpectationOverDraws_CountsEveryDrawAndIsAnotherAttack()
    {
        JsonElement results = Results("eot");
        Assert.Contains("in expectation over 3 draws", _studies.Output("eot"));
        Assert.Equal(15, Effort(results, "stochastic", "pgd-5").GetProperty("most_gradients")
            .GetInt64());
        Assert.Equal(5, Effort(results, "float", "pgd-5").GetProperty("most_gradients")
            .GetInt64());
    }

    [Fact]
    public void Run_TransferMatrix_HasEveryPairOfTargets()
    {
        JsonElement[] cells = [.. Results("matrix").GetProperty("transfers").EnumerateArray()];
        string[] targets = ["float", "int8-wide", "int4"];
        Assert.Equal(
            from source in targets
            from epsilon in new[] { "16/255", "24/255" }
            from target in targets
            select $"{source} {epsilon} {target}",
            cells.Select(c => $"{c.GetProperty("source")} {c.GetProperty("epsilon")} "
                + $"{c.GetProperty("target")}"));
        Assert.Equal(
            cells.Length + 1,
            File.ReadAllLines(Path.Combine(Whole("matrix"), "transfers.csv")).Length);
        Assert.True(cells.Select(c => c.GetProperty("correct").GetInt32()).Distinct().Count() > 1);
    }

    [Theory]
    [InlineData("pixel levels 0 (supported: 1..65535)", "run --pixel-levels 0")]
    [InlineData("eot draws 256 (supported: 1..255)", "run --eot-draws 256")]
    public void Run_ImpossibleLimit_IsOneLine(string message, string arguments)
    {
        Finished run = Qsim.Run(arguments.Split(' '));
        Assert.Equal((2, $"qsim: {message}\n"), (run.ExitCode, run.Error));
    }

    private string Whole(string study) => _studies.Run(study);

    private JsonElement Results(string study) => JsonDocument.Parse(
        File.ReadAllText(Path.Combine(Whole(study), "results.json"))).RootElement;

    private IEnumerable<JsonElement> CellLines(string study) =>
        File.ReadAllLines(Path.Combine(Whole(study), "cells.jsonl"))
            .Select(l => JsonDocument.Parse(l).RootElement);

    private int Cells(string run) =>
        File.ReadAllLines(_studies.Folder.File($"{run}/cells.jsonl")).Length;

    private IEnumerable<float> Adversarial(string study) => JsonDocument
        .Parse(File.ReadAllText(Path.Combine(Whole(study), "examples.json"))).RootElement
        .GetProperty("images").EnumerateArray()
        .SelectMany(e => MemoryMarshal.Cast<byte, float>(
            e.GetProperty("adversarial").GetBytesFromBase64()).ToArray());

    private static int Correct(JsonElement results, string target, string attack, int budget) =>
        results.GetProperty("accuracy").EnumerateArray()
            .Where(a => a.GetProperty("target").GetString() == target
                && a.GetProperty("attack").GetString() == attack)
            .ElementAt(budget).GetProperty("correct").GetInt32();

    /// <summary>What the first budget took.</summary>
    private static JsonElement Effort(JsonElement results, string target, string attack) =>
        results.GetProperty("effort").EnumerateArray().First(
            e => e.GetProperty("target").GetString() == target
                && e.GetProperty("attack").GetString() == attack);

    /// <summary>
    /// Runs to the end with the trained networks of others, and images of its own; returns what it
    /// noted.
    /// </summary>
    private string Finish(params string[] arguments)
    {
        string images = _studies.Folder.File("cache/images");
        if (Directory.Exists(images)) Directory.Delete(images, recursive: true);
        string[] rest = arguments[0] == "run" ? ["--quiet", .. AttackStudies.Cache] : [];
        Finished run = Qsim.RunIn(_studies.Folder.Path, [.. arguments, .. rest]);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Error;
    }
}
