using System.Diagnostics;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// A study that was disturbed in every way ends with the bytes of one that was not.
/// </summary>
public class ResumeTests : IClassFixture<ResumeTests.Whole>
{
    private const string Study = """
        schema: qsim/study/1
        name: disturbed
        epochs: 1
        images: 20
        calibration_images: 16
        seeds: [1, 2]
        profiles: [int8-wide]
        sweep: {mac.accumulator.bits: [14..16 step 2]}
        attacks: [fgsm, pgd-300]
        threats: [hardware, transfer]
        epsilons: [8/255, 0.1]
        """;

    // Clean, then attacks x threat models x budgets, then pgd-300 with every change allowed.
    private const int Cells = 2 * 3 * (1 + (2 * 2 * 2) + 1);

    private static readonly string[] Compared =
    [
        "study.json",
        "results.json",
        "results.csv",
        "robust.csv",
        "over-seeds.csv",
        "crossovers.csv",
        "comparisons.csv",
        "events.csv",
        "layers.csv",
        "predictions.csv",
        "hardware.json",
        "effort.csv",
        "doubts.csv",
    ];

    private readonly Whole _whole;

    public ResumeTests(Whole whole) => _whole = whole;

    [Fact]
    public void Run_KilledAgainAndAgain_EndsWithTheBytesOfAnUndisturbedRun()
    {
        string folder = _whole.Folder.Path, cells = _whole.Folder.File("killed/cells.jsonl");
        foreach (int after in new[] { 0, 2, 9, 30 })
        {
            using Process process = Qsim.Start(
                folder, "run", "s.yaml", "--out", "killed", "--quiet");
            Ends.When(() => Lines(cells) > after, process);
            Ends.Kill(process);
            Assert.NotEqual(0, process.ExitCode);
            Assert.InRange(Lines(cells), after, Cells - 1);
            Assert.False(File.Exists(_whole.Folder.File("killed/results.json")));
        }

        int kept = Lines(cells);
        Finished last = Qsim.RunIn(folder, "run", "s.yaml", "--out", "killed");

        Assert.Equal(0, last.ExitCode);
        Assert.Contains($"killed: {kept} cells are measured, going on", last.Error);
        AssertWhole("killed");
    }

    [Fact]
    public void Run_OutOfTime_SaysHowToGoOnAndDoes()
    {
        string folder = _whole.Folder.Path;

        Finished first = Qsim.RunIn(
            folder, "run", "s.yaml", "--out", "timed", "--max-minutes", "0.02");
        Finished second = Qsim.RunIn(folder, "run", "s.yaml", "--out", "timed");

        Assert.Equal((130, 0), (first.ExitCode, second.ExitCode));
        Assert.Contains(
            "out of time; what was finished is in timed; go on with: qsim run s.yaml --out timed",
            first.Error);
        AssertWhole("timed");
    }

    [Fact]
    public void Merge_Shards_EqualTheWhole()
    {
        string folder = _whole.Folder.Path;
        string[] run = ["run", "s.yaml", "--quiet", "--cache", "shared"];

        Assert.Equal(0, Qsim.RunIn(folder, [.. run, "--shard", "1/2", "--out", "one"]).ExitCode);
        Assert.Equal(0, Qsim.RunIn(folder, [.. run, "--shard", "2/2", "--out", "two"]).ExitCode);
        int one = Lines(_whole.Folder.File("one/cells.jsonl"));
        int two = Lines(_whole.Folder.File("two/cells.jsonl"));
        Finished part = Qsim.RunIn(folder, "merge", "a part", "one");
        Finished all = Qsim.RunIn(folder, "merge", "merged", "two", "one");

        Assert.Equal((0, 0), (part.ExitCode, all.ExitCode));
        Assert.Equal(Cells, one + two);
        Assert.InRange(one, 1, Cells - 1);
        Assert.Contains($"Written to a part: {one} of {Cells} cells", part.Error);
        Assert.EndsWith("--out 'a part'\n", part.Error);
        Assert.Contains(
            "\"complete\": false", File.ReadAllText(_whole.Folder.File("a part/results.json")));
        AssertWhole("merged");
    }

    [Fact]
    public void Merge_IntoAFolderWithCells_CountsThemAll()
    {
        string folder = _whole.Folder.Path;
        string[] run = ["run", "s.yaml", "--quiet", "--cache", "shared"];
        Assert.Equal(0, Qsim.RunIn(folder, [.. run, "--shard", "1/3", "--out", "1of3"]).ExitCode);
        Assert.Equal(0, Qsim.RunIn(folder, [.. run, "--shard", "2/3", "--out", "2of3"]).ExitCode);
        Assert.Equal(0, Qsim.RunIn(folder, "merge", "some", "1of3").ExitCode);

        Finished more = Qsim.RunIn(folder, "merge", "some", "2of3");

        int measured = Lines(_whole.Folder.File("1of3/cells.jsonl"))
            + Lines(_whole.Folder.File("2of3/cells.jsonl"));
        Assert.InRange(measured, 2, Cells - 1);
        Assert.Contains($"Written to some: {measured} of {Cells} cells", more.Error);
    }

    /// <summary>A file that does not fit takes with it what was made of the others.</summary>
    [Fact]
    public void Merge_FileThatDoesNotFit_LeavesNoFolder()
    {
        string qsim = Path.Combine(AppContext.BaseDirectory, "qsim");
        using Process process = Process.Start(new ProcessStartInfo(
            "/bin/bash",
            [
                "-c", "trap '' XFSZ; ulimit -f 32; exec \"$0\" merge late/deep whole", qsim,
            ])
        {
            WorkingDirectory = _whole.Folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Else the runtime itself writes a larger file.
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        })!;
        Finished merge = Qsim.Finish(process);

        Assert.Equal(2, merge.ExitCode);
        Assert.Contains("would be larger than the file system, or the shell's", merge.Error);
        Assert.False(Directory.Exists(_whole.Folder.File("late")));
    }

    [Fact]
    public void Merge_ShardsThatDisagree_IsRefused()
    {
        string[] cells = File.ReadAllLines(_whole.Folder.File("whole/cells.jsonl"));
        Directory.CreateDirectory(_whole.Folder.File("forged"));
        File.Copy(
            _whole.Folder.File("whole/study.json"), _whole.Folder.File("forged/study.json"),
            overwrite: true);
        const string Outcomes = "\"outcomes\":\"";
        cells[0] = Forged.Line(cells[0], line =>
        {
            int at = line.IndexOf(Outcomes, StringComparison.Ordinal) + Outcomes.Length;
            return $"{line[..at]}{(line[at] == '1' ? '0' : '1')}{line[(at + 1)..]}";
        });
        File.WriteAllLines(_whole.Folder.File("forged/cells.jsonl"), cells);

        Finished merge = Qsim.RunIn(_whole.Folder.Path, "merge", "lie", "whole", "forged");

        Assert.Equal(2, merge.ExitCode);
        Assert.Contains(
            "measured the same cell differently: float, none, epsilon 0, seed 1", merge.Error);
    }

    [Fact]
    public void Run_UnfinishedRunOfAnotherStudy_IsRefused()
    {
        Directory.CreateDirectory(_whole.Folder.File("other"));
        File.WriteAllText(_whole.Folder.File("other/study.json"), "{}");

        Finished run = Qsim.RunIn(_whole.Folder.Path, "run", "s.yaml", "--out", "other");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("other: holds an unfinished run of another study", run.Error);
    }

    [Fact]
    public void Run_DryRun_SaysHowMuchThereIsAndLeavesNothing()
    {
        Finished dry = Qsim.RunIn(_whole.Folder.Path, "run", "s.yaml", "--dry-run", "--out", "dry");
        Finished shard = Qsim.RunIn(
            _whole.Folder.Path, "run", "s.yaml", "--dry-run", "--out", "whole", "--shard", "1/3");

        Assert.Equal((0, 0), (dry.ExitCode, shard.ExitCode));
        Assert.Contains(
            "study disturbed: 2 seeds x 3 targets x 2 threat models x 2 attacks x 2 epsilons, and "
                + "clean images",
            dry.Out);
        Assert.Contains($"cells: {Cells} in all, {Cells} to do\n", dry.Out);
        Assert.Matches("time: (about [0-9.]+ (s|min|h) here|unknown)", dry.Out);
        Assert.Contains($"cells: {Cells} in all, 0 to do in shard 1/3", shard.Out);
        Assert.False(Directory.Exists(_whole.Folder.File("dry")));
    }

    [Fact]
    public void Ls_ListsWhatIsThere()
    {
        Finished list = Qsim.RunIn(_whole.Folder.Path, "ls", ".");

        Assert.Equal(0, list.ExitCode);
        Assert.Matches(
            @"\./whole +20\d\d-\d\d-\d\d \d\d:\d\d +disturbed +digits +digits-cnn +finished "
                + $"+{Cells}/{Cells} +3 +2", list.Out);
        Finished one = Qsim.RunIn(_whole.Folder.Path, "ls", "whole");
        Assert.Matches($@"(?m)^whole +20.* finished +{Cells}/{Cells} ", one.Out);
    }

    private string Examples(string run) =>
        File.ReadAllText(_whole.Folder.File($"{run}/examples.json"));

    private static int Lines(string file)
    {
        if (!File.Exists(file))
            return 0;
        using var stream = new FileStream(
            file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Count(c => c == '\n');
    }

    private void AssertWhole(string run)
    {
        if (run != "merged") Assert.Equal(Examples("whole"), Examples(run));
        foreach (string file in Compared)
            Assert.Equal(
                File.ReadAllText(_whole.Folder.File($"whole/{file}")),
                File.ReadAllText(_whole.Folder.File($"{run}/{file}")));
    }

    /// <summary>The undisturbed run.</summary>
    public sealed class Whole : IDisposable
    {
        public Whole()
        {
            File.WriteAllText(Folder.File("s.yaml"), Study);
            Finished run = Qsim.RunIn(Folder.Path, "run", "s.yaml", "--out", "whole", "--quiet");
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Equal(Cells, Lines(Folder.File("whole/cells.jsonl")));
        }

        internal TemporaryFolder Folder { get; } = new();

        public void Dispose() => Folder.Dispose();
    }
}
