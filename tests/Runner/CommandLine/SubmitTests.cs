using System.Diagnostics;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>A study shared out among processes here ends with the bytes of one run.</summary>
public class SubmitTests : IClassFixture<SubmitTests.Whole>
{
    private const string Study = """
        schema: qsim/study/1
        name: shared
        epochs: 1
        images: 12
        calibration_images: 16
        profiles: [int8-wide]
        sweep: {mac.accumulator.bits: [14..16 step 2]}
        attacks: [fgsm, pgd-40]
        threats: [hardware, transfer]
        epsilons: [8/255, 0.1]
        """;

    private static readonly string[] Same =
    [
        "study.json", "cells.jsonl", "results.json", "results.csv", "robust.csv",
        "crossovers.csv", "comparisons.csv", "events.csv", "layers.csv", "examples.json",
        "hardware.json", "networks/digits-cnn-seed1.npz",
    ];

    private readonly Whole _whole;

    public SubmitTests(Whole whole) => _whole = whole;

    private static string[] Submit(string folder, params string[] more) =>
        ["submit", "s.yaml", "--local", "2", "--out", folder, "--quiet", .. more];

    [Fact]
    public void Submit_Local_EqualsOneRun()
    {
        Finished first = Run(Submit("local", "--array-size", "4"));

        Assert.Equal(0, first.ExitCode);
        Assert.Contains("30 cells in 4 tasks, 0 done", first.Error);
        Assert.Contains("fgsm", first.Out);
        AssertWhole("local");
        string cells = _whole.Folder.File("local/tasks/0001/cells.jsonl");
        DateTime before = File.GetLastWriteTimeUtc(cells);

        Finished again = Run(Submit("local"));
        Finished status = Run("status", "local");

        Assert.Equal(0, again.ExitCode);
        Assert.Contains("30 cells in 4 tasks, 4 done", again.Error);
        Assert.Contains("this run is finished", again.Error);
        Assert.Equal(before, File.GetLastWriteTimeUtc(cells));
        Assert.Contains("shared: 30 of 30 cells, finished", status.Out);
        Assert.Contains("1-4", status.Out);
    }

    /// <summary>The report is of all tasks, also where a trial said how many there are.</summary>
    [Fact]
    public void Submit_NobodySaysHowManyTasks_EqualsOneRun()
    {
        Finished run = Run(Submit("tried"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("2 tasks: about ", run.Error);
        AssertWhole("tried");
    }

    [Fact]
    public void Submit_KilledInTheMiddle_IsCompletedByTheSameCommand()
    {
        using Process process = Qsim.Start(
            _whole.Folder.Path, Submit("killed", "--array-size", "3"));
        string tasks = _whole.Folder.File("killed/tasks");
        Ends.When(
            () => Directory.Exists(tasks) && Directory
                .GetFiles(tasks, "cells.jsonl", SearchOption.AllDirectories)
                .Any(f => new FileInfo(f).Length > 0),
            process);
        Ends.Kill(process);
        Assert.NotEqual(0, process.ExitCode);

        Finished again = Run(Submit("killed"));

        Assert.Equal((0, "killed"), (again.ExitCode, "killed"));
        AssertWhole("killed");
    }

    [Fact]
    public void Submit_ATaskThatLostCells_HasThemMeasuredAgain()
    {
        Assert.Equal(0, Run(Submit("torn", "--array-size", "3")).ExitCode);
        string cells = _whole.Folder.File("torn/tasks/0002/cells.jsonl");
        string[] lines = File.ReadAllLines(cells);
        File.WriteAllLines(cells, lines[..^2]);
        File.WriteAllText(_whole.Folder.File("torn/cells.jsonl"), "");
        File.Delete(_whole.Folder.File("torn/results.json"));
        File.Delete(_whole.Folder.File("torn/manifest.json"));

        Finished list = Run("ls", "torn");
        Finished partial = Run("work", "torn", "--finish", "--quiet");
        Finished status = Run("status", "torn", "--json");
        Finished again = Run(Submit("torn"));

        Assert.Matches(" submitted +28/30 ", list.Out);
        Assert.Equal(1, partial.ExitCode);
        Assert.Contains("28 of 30 cells; tasks 2 lack some", partial.Error);
        Assert.Contains("\"state\": \"failed\"", status.Out);
        Assert.Contains("\"cells_done\": 28", status.Out);
        Assert.Contains("30 cells in 3 tasks, 2 done", again.Error);
        Assert.Equal(0, again.ExitCode);
        // The cells that were missing are the last ones now; nothing is derived from their order.
        AssertWhole("torn", Same.Where(name => name != "cells.jsonl"));
    }

    /// <summary>A folder cannot be read: that ends the task, and not with a trace.</summary>
    [SkippableFact]
    public void Work_StandardInputIsAFolder_StopsTheTask()
    {
        Skip.If(OperatingSystem.IsWindows() || !File.Exists("/bin/sh"), "there is no sh");
        Assert.Equal(0, Run(Submit("folder", "--array-size", "1")).ExitCode);
        File.Delete(_whole.Folder.File("folder/tasks/0001/cells.jsonl"));
        string qsim = Path.Combine(AppContext.BaseDirectory, "qsim");

        Finished work = Ends.Of(new ProcessStartInfo(
            "/bin/sh", ["-c", "\"$0\" work folder --task 1 --quiet --stop-with-stdin </", qsim])
        {
            WorkingDirectory = _whole.Folder.Path,
            RedirectStandardError = true,
        });

        Assert.DoesNotContain("   at ", work.Error);
        Assert.Contains(work.ExitCode, new[] { 0, 130 });
    }

    [Theory]
    [InlineData("one of --local, --slurm and --kubernetes is needed")]
    [InlineData("--local 0 (supported: 1..1024)", "--local", "0")]
    [InlineData("--array-size -3", "--local", "2", "--array-size", "-3")]
    [InlineData("can be cut into", "--local", "2", "--array-size", "5000")]
    [InlineData("--partition is for --slurm", "--local", "2", "--partition", "p")]
    [InlineData("--image is for --kubernetes", "--slurm", "--image", "p")]
    [InlineData("--partition 'a b' (supported: a name)", "--slurm", "--partition", "a b")]
    [InlineData("--time 'soon'", "--slurm", "--time", "soon")]
    [InlineData("--max-running 0", "--slurm", "--max-running", "0")]
    [InlineData("--kubernetes needs --image", "--kubernetes")]
    [InlineData("--kubernetes needs --volume", "--kubernetes", "--image", "q")]
    [InlineData("--partition 'p ' (supported", "--slurm", "--partition", "p\n")]
    [InlineData("--volume 'My_Claim' (supported", "--kubernetes", "--volume", "My_Claim")]
    [InlineData("--namespace '-a' (supported", "--kubernetes", "--namespace=-a")]
    [InlineData("--memory '8000' (supported", "--kubernetes", "--memory", "8000")]
    [InlineData("--memory '8Gi' (supported: a size as in 8G)", "--slurm", "--memory", "8Gi")]
    [InlineData("--mount '/a:b' (supported", "--kubernetes", "--mount", "/a:b")]
    public void Submit_BadRequest_IsOneLineAndLeavesNothing(string expected, params string[] how)
    {
        Finished run = Run(["submit", "s.yaml", "--out", "bad", .. how]);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(expected, run.Error);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(_whole.Folder.File("bad")));
    }

    [Fact]
    public void Submit_FolderHasNoName_IsOneLine()
    {
        Finished run = Run("submit", "s.yaml", "--local", "2", "--out", "");

        Assert.Equal(
            (2, "qsim: --out is empty: name a folder\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public void Submit_WithoutSlurm_SaysSo()
    {
        Finished run = Qsim.Finish(Qsim.Start(
            _whole.Folder.Path, ["submit", "s.yaml", "--slurm", "--out", "bad"],
            new() { ["PATH"] = "/nowhere" }));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("sbatch is not on PATH", run.Error);
        Assert.False(Directory.Exists(_whole.Folder.File("bad")));
    }

    /// <summary>As docs/cluster.md has it; an unknown option of QSim's own is none of sbatch.
    /// </summary>
    [Fact]
    public void Submit_OptionOfSbatch_IsTakenForOne()
    {
        string[] slurm = ["submit", "s.yaml", "--slurm", "--out", "bad"];
        Finished theirs = Qsim.Finish(Qsim.Start(
            _whole.Folder.Path, [.. slurm, "--sbatch=--constraint=zen3"],
            new() { ["PATH"] = "/nowhere" }));
        Finished ours = Run([.. slurm, "--sbatch", "--constraint=zen3"]);

        Assert.Equal((2, 2), (theirs.ExitCode, ours.ExitCode));
        Assert.Contains("sbatch is not on PATH", theirs.Error);
        Assert.Contains("unknown option '--constraint=zen3'", ours.Error);
    }

    [SkippableFact]
    public void Submit_SlurmRefusesBeforeItReads_SaysWhy()
    {
        Skip.If(OperatingSystem.IsWindows() || !File.Exists("/bin/sh"), "there is no sh");
        WriteScript(
            "bin/sbatch", "exec <&-\necho 'sbatch: fatal: no controller' >&2\nexit 1\n");

        Finished run = Qsim.Finish(Qsim.Start(
            _whole.Folder.Path,
            ["submit", "s.yaml", "--slurm", "--out", "bad", "--array-size", "2"],
            new() { ["PATH"] = _whole.Folder.File("bin") }));

        Assert.Equal((2, "qsim: sbatch refused: no controller\n"), (run.ExitCode, run.Error));
        Assert.False(Directory.Exists(_whole.Folder.File("bad")));
    }

    [Fact]
    public void Submit_FolderOfAnotherStudy_IsRefused()
    {
        Finished run = Run("submit", "s.yaml", "--local", "1", "--out", "other");
        Finished status = Run("status", "whole");
        Finished none = Run("work", "nowhere", "--task", "1");

        Assert.Equal((2, 2, 2), (run.ExitCode, status.ExitCode, none.ExitCode));
        Assert.Contains("other: already holds a run (name another folder)", run.Error);
        Assert.Contains(
            "whole: holds no submitted run (submission.json is missing); 'qsim ls' says",
            status.Error);
        Assert.Contains("nowhere: no such folder", none.Error);
    }

    [SkippableFact]
    public void Status_TasksThatSlurmEnded_SayHow()
    {
        Skip.If(OperatingSystem.IsWindows() || !File.Exists("/bin/sh"), "there is no sh");
        WriteScript("slurm/sbatch", "/bin/cat > /dev/null\necho 7\n");
        WriteScript("slurm/squeue", "");
        WriteScript("slurm/sacct", """
            echo '7_1|TIMEOUT|0:0'
            echo '7_2|FAILED|1:0'
            echo '7_2|OUT_OF_MEMORY|0:125'
            echo '7_3|TIMEOUT|0:0'
            echo '7_3|COMPLETED|0:0'
            echo '7_[4-9]|PENDING|0:0'

            """);
        Dictionary<string, string> there = new() { ["PATH"] = _whole.Folder.File("slurm") };

        Finished submit = Qsim.Finish(Qsim.Start(
            _whole.Folder.Path,
            ["submit", "s.yaml", "--slurm", "--out", "ended", "--array-size", "4"], there));
        Finished status = Qsim.Finish(Qsim.Start(
            _whole.Folder.Path, ["status", "ended"], there));

        Assert.Equal("tasks 1-4: job 7\nresults: job 7, after them\n", submit.Out);
        Assert.Matches(@"(?m)^failed +1 +0/\d+ +1 +TIMEOUT$", status.Out);
        Assert.Matches(@"(?m)^failed +1 +0/\d+ +2 +OUT_OF_MEMORY$", status.Out);
        Assert.Matches(@"(?m)^missing +2 +0/\d+ +3-4\s*$", status.Out);
    }

    private void WriteScript(string name, string text)
    {
        string path = _whole.Folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{text}");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private Finished Run(params string[] arguments) =>
        Qsim.RunIn(_whole.Folder.Path, arguments);

    private void AssertWhole(string folder, IEnumerable<string>? names = null) =>
        Assert.All(names ?? Same, name => Assert.Equal(
            File.ReadAllBytes(_whole.Folder.File($"whole/{name}")),
            File.ReadAllBytes(_whole.Folder.File($"{folder}/{name}"))));

    public sealed class Whole : IDisposable
    {
        public Whole()
        {
            File.WriteAllText(Folder.File("s.yaml"), Study);
            Finished run = Qsim.RunIn(Folder.Path, "run", "s.yaml", "--out", "whole", "--quiet");
            Finished other = Qsim.RunIn(
                Folder.Path, "run", "s.yaml", "--out", "other", "--quiet", "--images", "3");
            Assert.Equal((0, 0), (run.ExitCode, other.ExitCode));
        }

        internal TemporaryFolder Folder { get; } = new();

        public void Dispose() => Folder.Dispose();
    }
}
