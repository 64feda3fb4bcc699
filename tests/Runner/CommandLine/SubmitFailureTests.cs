using System.Diagnostics;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Tasks that fail whatever is done.</summary>
public sealed class SubmitFailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// A task waits longer after each time, and those that are done are not done again.
    /// </summary>
    [Fact]
    public void Submit_TaskThatFails_IsTriedThreeTimesWithPauses()
    {
        File.WriteAllText(
            _folder.File("s.yaml"),
            "schema: qsim/study/1\nepochs: 1\nimages: 8\nprofiles: [int4]\nattacks: [fgsm]\n"
                + "epsilons: [8/255]\n");
        string[] submit = ["submit", "s.yaml", "--local", "2", "--out", "r", "--quiet"];
        Assert.Equal(0, Qsim.RunIn(_folder.Path, [.. submit, "--array-size", "2"]).ExitCode);
        foreach (string file in (string[])["cells.jsonl", "results.json", "manifest.json"])
            File.Delete(_folder.File($"r/{file}"));
        // No folder can be made there.
        Directory.Delete(_folder.File("r/tasks/0002"), recursive: true);
        File.WriteAllText(_folder.File("r/tasks/0002"), "");
        DateTime before = File.GetLastWriteTimeUtc(_folder.File("r/tasks/0001/cells.jsonl"));

        long start = Stopwatch.GetTimestamp();
        Finished run = Qsim.RunIn(_folder.Path, submit);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("task 2 failed 3 times: ", run.Error);
        Assert.Contains("tasks 2 lack some", run.Error);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 2 + 4, 100);
        Assert.Equal(
            before, File.GetLastWriteTimeUtc(_folder.File("r/tasks/0001/cells.jsonl")));
    }
}
