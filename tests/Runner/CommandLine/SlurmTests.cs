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
        Skip.If(Programs.Find("bash") is null, "bash is not installed");
        (int code, string said) = Slurm("up");
        Skip.If(code == Skipped, $"no Slurm here: {said.Split('\n')[0]}");
        Assert.Equal(0, code);
        string[] configuration = said.Trim().Split('=');
        _environment[configuration[0]] = configuration[1];
        File.WriteAllText(_folder.File("s.yaml"), Study);
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
        Await(() => Find(task: 3) is not null, "task 3 begins");
        Command("kill", "-STOP", Find(task: 3)!);
        Assert.Contains("running", Run("status", "r").Out);
        Command("scancel", $"{job}_3");
        Await(() => Find(task: 5) is not null, "task 5 begins");
        Command("kill", "-KILL", Find(task: 5)!);
        Await(() => Command("squeue", "--noheader").Length == 0, "the queue is empty");

        Finished status = Run("status", "r");
        Assert.Contains("failed", status.Out);
        Assert.False(File.Exists(_folder.File("r/examples.json")));
        Finished second = Run("submit", "s.yaml", "--slurm", "--out", "r");
        Assert.Contains("tasks 3: job", second.Out);
        Await(() => Command("squeue", "--noheader").Length == 0, "the queue is empty again");

        Assert.Contains("finished", Run("status", "r").Out);
        Assert.All(Same, name => Assert.Equal(
            File.ReadAllBytes(_folder.File($"whole/{name}")),
            File.ReadAllBytes(_folder.File($"r/{name}"))));
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

    private static void Await(Func<bool> isSo, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(3), what);
            Thread.Sleep(20);
        }
    }

    private Finished Run(params string[] arguments) =>
        Qsim.Finish(Qsim.Start(_folder.Path, arguments, _environment));

    private (int Code, string Said) Slurm(string what) => Started(
        Programs.Find("bash")!, Path.Combine(Shared.Repository, "tests/slurm.sh"), what, _slurm);

    private string Command(string program, params string[] arguments) =>
        Started(Programs.Find(program)!, arguments).Said.Trim();

    private (int Code, string Said) Started(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        foreach ((string name, string value) in _environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
