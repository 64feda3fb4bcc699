namespace QSim.Runner.Tests.CommandLine;

/// <summary>Runs whose folder nobody named, and folders that look like runs.</summary>
public sealed class UnnamedRunTests : IDisposable
{
    private static readonly string[] Small =
    [
        "run", "--images", "20", "--epochs", "1", "--attacks", "fgsm", "--epsilons", "0.1",
        "--profile", "int4",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>As the README says of a run that was killed; another study begins anew.</summary>
    [Fact]
    public void Run_UnfinishedInRuns_IsGoneOnWithByTheSameCommandAlone()
    {
        Assert.Equal(0, Run(Small).ExitCode);
        string first = Assert.Single(Runs());
        string[] cells = File.ReadAllLines(Path.Combine(first, "cells.jsonl"));
        File.WriteAllLines(Path.Combine(first, "cells.jsonl"), cells[..2]);
        foreach (string last in new[] { "manifest.json", "results.json" })
            File.Delete(Path.Combine(first, last));

        Finished planned = Run([.. Small, "--dry-run"]);
        Finished other = Run([.. Small, "--seed", "2"]);
        int both = Runs().Length;
        Finished again = Run(Small);
        int after = Runs().Length;
        Finished anew = Run(Small);

        Assert.Contains($"cells: {cells.Length} in all, {cells.Length - 2} to do", planned.Out);
        Assert.Equal((0, 0, 0), (other.ExitCode, again.ExitCode, anew.ExitCode));
        Assert.DoesNotContain("cells are measured", other.Error + anew.Error);
        Assert.Contains($"{Path.GetFileName(first)}: 2 cells are measured, going on", again.Error);
        Assert.Equal((2, 2, 3), (both, after, Runs().Length));
    }

    [Fact]
    public void Ls_FoldersOfSavedImages_AreNoRuns()
    {
        Assert.Equal(0, Run([.. Small, "--out", "all/r", "--save-images", "all/i"]).ExitCode);
        Assert.True(File.Exists(_folder.File("all/i/study.json")));
        string[] cells = File.ReadAllLines(_folder.File("all/r/cells.jsonl"));

        Finished whole = Run("ls", "all");
        File.WriteAllLines(_folder.File("all/r/cells.jsonl"), cells[..2]);
        Finished part = Run("ls", "all");
        string manifest = _folder.File("all/r/manifest.json");
        File.WriteAllText(
            manifest,
            Forged.Document(
                File.ReadAllText(manifest), t => t.Replace("\"finished\"", "\"running\"")));
        Finished killed = Run("ls", "all");
        Finished page = Run("report", "all/r", "--format", "md");
        Finished report = Run("report", "all/i");
        Finished difference = Run("diff", "all/r", "all/r");

        Assert.Matches($@" finished +{cells.Length}/{cells.Length} ", whole.Out);
        Assert.DoesNotContain("all/i", whole.Out);
        Assert.Contains(" unfinished ", part.Out);
        Assert.Contains(" unfinished ", killed.Out);
        Assert.Contains("(status: unfinished)", page.Out);
        Assert.Contains("the runs were asked the same", difference.Out);
        Assert.Equal(2, report.ExitCode);
        Assert.Contains("all/i: holds no run (cells.jsonl is missing)", report.Error);
        Assert.False(File.Exists(_folder.File("all/i/report.html")));
    }

    /// <summary>A word that a shell would take for something else stands in quotes.</summary>
    [Fact]
    public void Interrupted_TheCommandThatIsPrinted_CanBeTyped()
    {
        File.WriteAllText(
            _folder.File("my chip; 4's.yaml"),
            "schema: qsim/hardware-profile/1\nname: mine\nextends: int4\n");

        Finished run = Run(
            [.. Small, "--profile", "my chip; 4's.yaml", "--out", "r", "--max-minutes", "1e-6"]);

        Assert.Equal(130, run.ExitCode);
        Assert.Contains(@" --profile 'my chip; 4'\''s.yaml' --out r ", run.Error);
    }

    private string[] Runs() => Directory.GetDirectories(_folder.File("runs"));

    private Finished Run(params string[] arguments) => Qsim.RunIn(_folder.Path, arguments);
}
