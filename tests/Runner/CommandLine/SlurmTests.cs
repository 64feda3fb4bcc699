using System.Diagnostics;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>A real Slurm of one node, started for the test (tests/slurm.sh).</summary>
public sealed class SlurmTests : IDisposable
{
    private const int Skipped = 77;

    private const string Study = """
        schema: qsim/study/1
        name: on-slurm
        epochs: 1
        images: 12
        calibration_images: 16
        profiles: [int8-wide]
        sweep: {mac.accumulator.bits: [13..16]}
        attacks: [fgsm, pgd-100]
        epsilons: [8/255, 0.1]
        """;

    private static readonly string[] Same =
        ["study.json", "results.json", "results.csv", "results.parquet", "examples.json"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _slurm;
    private readonly Dictionary<string, string> _environment = [];

    public SlurmTests() => _slurm = _folder.File("slurm");

    public void Dispose()
    {
        if (Directory.Exists(_slurm)) Slurm("down");
        _folder.Dispose();
    }

    [SkippableFact]
    public void Submit_ATaskCancelledAndOneKilled_EqualsOneRun()
    {
        Begin();
        Assert.Equal(0, Run("run", "s.yaml", "--out", "whole", "--quiet").ExitCode);

        Finished refused = Run(
            "submit", "s.yaml", "--slurm", "--out", "r", "--array-size", "8", "--partition", "no");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("sbatch refused: invalid partition specified: no", refused.Error);
        Assert.False(Directory.Exists(_folder.File("r")));

        Finished first = Run(
            "submit", "s.yaml", "--slurm", "--out", "r", "--array-size", "8", "--time", "10");
        Assert.Equal((0, 2), (first.ExitCode, first.Out.Split("job ").Length - 1));
        string job = first.Out.Split("job ")[1].Split('\n')[0];
        // Stopped before it can finish, so that there is time to cancel it.
        Ends.When(() => Find(task: 3) is not null);
        Command("kill", "-STOP", Find(task: 3)!);
        Assert.Contains("running", Run("status", "r").Out);
        Command("scancel", $"{job}_3");
        Ends.When(() => Find(task: 5) is not null);
        Command("kill", "-KILL", Find(task: 5)!);
        Ends.When(() => Command("squeue", "--noheader").Length == 0);

        Finished status = Run("status", "r");
        Assert.Contains("failed", status.Out);
        Assert.False(File.Exists(_folder.File("r/examples.json")));
        Finished second = Run("submit", "s.yaml", "--slurm", "--out", "r");
        Assert.Contains("tasks 3: job", second.Out);
        Ends.When(() => Command("squeue", "--noheader").Length == 0);

        Assert.Contains("finished", Run("status", "r").Out);
        Assert.All(Same, name => Assert.Equal(
            File.ReadAllBytes(_folder.File($"whole/{name}")),
            File.ReadAllBytes(_folder.File($"r/{name}"))));
    }

    /// <summary>
    /// A folder with whatever sbatch, bash or Slurm's names of logs mean something by; the job that
    /// makes the report is cancelled, and submitted again while tasks are at work.
    /// </summary>
    [SkippableFact]
    public void Submit_OddFolderAndNoReport_IsCompletedByTheSameCommand()
    {
        Begin();
        string folder = _folder.File("it's \"a\" #1 $HOME 100%j");
        Directory.CreateDirectory(folder);
        File.Copy(_folder.File("s.yaml"), Path.Combine(folder, "s.yaml"));
        string[] submit = ["submit", "s.yaml", "--slurm", "--out", "r"];

        Finished first = RunIn(folder, [
            .. submit, "--array-size", "2", "--time", "10", "--sbatch=-t 12",
            "--sbatch=--comment=it's # 1"]);
        Assert.Equal((0, 2), (first.ExitCode, first.Out.Split("job ").Length - 1));
        string job = first.Out.Split("job ")[1].Split('\n')[0], end = first.Out.Split("job ")[2];
        // Whether it waits or works.
        Command("scontrol", "hold", $"{job}_1");
        Command("scontrol", "requeuehold", $"{job}_1");
        Command("scancel", end.Split(',')[0]);
        Ends.When(() => !Command("squeue", "--noheader").Contains(end.Split(',')[0]));
        Finished again = RunIn(folder, submit);
        Finished third = RunIn(folder, submit);
        string described = Command("scontrol", "show", "job", $"{job}_1");
        Command("scontrol", "release", $"{job}_1");
        Ends.When(() => Command("squeue", "--noheader").Length == 0);

        Assert.Equal(0, again.ExitCode);
        Assert.DoesNotContain("tasks ", again.Out);
        Assert.StartsWith("results: job ", again.Out);
        Assert.Equal((0, ""), (third.ExitCode, third.Out));
        Assert.Contains("nothing to submit", third.Error);
        Assert.Contains("TimeLimit=00:12:00", described);
        Assert.Contains("Comment=it's # 1", described);
        Assert.Contains("finished", RunIn(folder, "status", "r").Out);
        Assert.True(File.Exists(Path.Combine(folder, "r", "slurm", $"{job}_2.log")));
        Assert.Contains("nothing to submit", RunIn(folder, submit).Error);
    }

    private void Begin()
    {
        Skip.If(Programs.Find("bash") is null, "bash is not installed");
        (int code, string said) = Slurm("up");
        Skip.If(code == Skipped, $"no Slurm here: {said.Split('\n')[0]}");
        Assert.Equal(0, code);
        string[] configuration = said.Trim().Split('=');
        _environment[configuration[0]] = configuration[1];
        File.WriteAllText(_folder.File("s.yaml"), Study);
    }

    /// <summary>The process of a task, not its job: killed as when memory is short.</summary>
    private string? Find(int task)
    {
        string words = $"work\0{_folder.File("r")}\0--task\0{task}\0";
        return Directory.GetDirectories("/proc").Select(p => Path.GetFileName(p)).FirstOrDefault(
            id => id.All(char.IsAsciiDigit) && CommandLineOf(id).Contains(words));
    }

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private Finished Run(params string[] arguments) => RunIn(_folder.Path, arguments);

    private Finished RunIn(string folder, params string[] arguments) =>
        Qsim.Finish(Qsim.Start(folder, arguments, _environment));

    private (int Code, string Said) Slurm(string what) => Started(
        Programs.Find("bash")!, Path.Combine(Shared.Repository, "tests/slurm.sh"), what, _slurm);

    private string Command(string program, params string[] arguments) =>
        Started(Programs.Find(program)!, arguments).Said.Trim();

    private (int Code, string Said) Started(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        foreach ((string name, string value) in _environment) start.Environment[name] = value;
        Finished run = Ends.Of(start);
        return (run.ExitCode, run.Out);
    }
}
