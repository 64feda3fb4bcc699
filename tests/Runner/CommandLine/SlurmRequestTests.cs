namespace QSim.Runner.Tests.CommandLine;

/// <summary>What Slurm is asked, and what is said of its answers: with commands of our own.
/// </summary>
public sealed class SlurmRequestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _there = [];

    public SlurmRequestTests()
    {
        File.WriteAllText(
            _folder.File("s.yaml"),
            "schema: qsim/study/1\nepochs: 1\nimages: 4\nprofiles: [int4]\nattacks: [fgsm]\n"
                + "epsilons: [0.1]\n");
        _there["PATH"] = _folder.File("bin");
        Script("squeue", "");
        Script("sbatch", "/bin/cat > /dev/null\necho 7\n");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A short limit would be over before two minutes of warning begin.</summary>
    [SkippableTheory]
    [InlineData("1", 15)]
    [InlineData("4:00", 60)]
    [InlineData("8", 120)]
    [InlineData("0:06:00", 90)]
    [InlineData("1-0", 120)]
    [InlineData("0-0:04", 60)]
    public void TimeLimit_SaysHowEarlyTasksAreTold(string limit, int seconds)
    {
        Finished dry = Submit("--dry-run", "--time", limit);

        Assert.Equal(0, dry.ExitCode);
        Assert.Contains($"\n#SBATCH --signal=B:USR1@{seconds}\n", dry.Out);
    }

    [SkippableFact]
    public void DryRun_PrintsLinesThatAShellTakes()
    {
        Finished dry = Submit(
            "--dry-run", "--sbatch=-C a100", "--sbatch=--comment=it's \"#1\"",
            "--sbatch=--constraint zen3");

        Assert.Equal((2, ""), (dry.ExitCode, dry.Out));
        dry = Submit("--dry-run", "--sbatch=-C a100", "--sbatch=--comment=it's #1");
        Assert.Contains("\n#SBATCH -C a100\n#SBATCH \"--comment=it's #1\"\n", dry.Out);
        Assert.Contains(
            $"# sbatch --parsable --array=1-2 '{_folder.Path}/it'\\''s/slurm/", dry.Out);
    }

    [SkippableTheory]
    [InlineData("--job-name=x")]
    [InlineData("-J x")]
    [InlineData("--array=1-3")]
    [InlineData("-a1-3")]
    [InlineData("--chdir=/tmp")]
    [InlineData("--wrap true")]
    public void OptionOfSbatch_ThatQSimSets_IsRefused(string option)
    {
        Finished run = Submit($"--sbatch={option}");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            $"qsim: --sbatch={option}: QSim sets that itself, to find its jobs and logs again\n",
            run.Error);
    }

    /// <summary>sbatch queues jobs for nodes that are drained; its test refuses them.</summary>
    [SkippableFact]
    public void Test_FailsForNow_IsSubmittedAllTheSame()
    {
        Script("sbatch", """
            /bin/cat > /dev/null
            case "$*" in *--test-only*)
              echo 'allocation failure: Requested node configuration is not available' >&2
              exit 1;;
            esac
            echo 7

            """);
        Finished run = Submit();

        Assert.Equal(
            (0, "tasks 1-2: job 7\nresults: job 7, after them\n"), (run.ExitCode, run.Out));
    }

    [SkippableFact]
    public void Tasks_AreRefused_LeavesNothing()
    {
        Script("sbatch", """
            /bin/cat > /dev/null
            echo 'sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying' >&2
            echo 'sbatch: error: Batch job submission failed: Resource temporarily unavailable' >&2
            exit 1

            """);
        Finished run = Submit();

        Assert.Equal(
            (2, "qsim: sbatch refused: Batch job submission failed: Resource temporarily "
                + "unavailable"),
            (run.ExitCode, run.Error.Trim().Split('\n')[^1]));
        Assert.False(Directory.Exists(_folder.File("it's")));
    }

    /// <summary>Tasks are at work then: the run stays, and says what is missing.</summary>
    [SkippableFact]
    public void Report_IsRefused_SaysHowItIsMade()
    {
        Script("sbatch", """
            /bin/cat > /dev/null
            case "$*" in *--dependency*) echo 'sbatch: error: full' >&2; exit 1;; esac
            echo 7

            """);
        Finished run = Submit();

        Assert.Equal((2, "tasks 1-2: job 7\n"), (run.ExitCode, run.Out));
        Assert.Contains(
            "full; tasks are submitted, the job that makes the report is not", run.Error);
        Assert.Contains($"qsim work '{_folder.Path}/it'\\''s' --finish", run.Error);
        Assert.True(File.Exists(_folder.File("it's/submission.json")));
    }

    [SkippableFact]
    public void MoreTasksThanTheClusterTakes_SaysSo()
    {
        Script("sbatch", """
            echo 'allocation failure: Invalid job array specification' >&2
            exit 1

            """);
        Finished run = Submit();

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(
            "(2 tasks are more than the cluster's MaxArraySize allows: name a smaller "
                + "--array-size)", run.Error);
    }

    private Finished Submit(params string[] more)
    {
        Skip.If(OperatingSystem.IsWindows() || !File.Exists("/bin/sh"), "there is no sh");
        return Qsim.Finish(Qsim.Start(
            _folder.Path,
            ["submit", "s.yaml", "--slurm", "--out", "it's", "--array-size", "2", .. more],
            _there));
    }

    private void Script(string name, string text)
    {
        string path = Path.Combine(_folder.File("bin"), name);
        Directory.CreateDirectory(_folder.File("bin"));
        File.Delete(path);
        File.WriteAllText(path, $"#!/bin/sh\n{text}");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
