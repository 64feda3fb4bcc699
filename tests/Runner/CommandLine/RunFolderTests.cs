using QSim.Runner.Studies.Cells;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>What a run does to its folder, and what it finds there.</summary>
public class RunFolderTests : IDisposable
{
    private static readonly string[] Smallest =
    [
        "run", "--images", "20", "--epochs", "1", "--attacks", "fgsm", "--epsilons", "0.1",
        "--profile", "int4", "--out", "r", "--quiet",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Overwrite_AnotherProcessRunsThere_LeavesItsFilesAlone()
    {
        Assert.Equal(0, Qsim.RunIn(_folder.Path, Smallest).ExitCode);
        string[] before = Contents();
        using CellStore other = CellStore.Open(_folder.File("r"));

        Finished run = Qsim.RunIn(_folder.Path, [.. Smallest, "--seed", "2", "--overwrite"]);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void Overwrite_AnotherStudy_LeavesNothingOfTheOldOne()
    {
        Assert.Equal(0, Qsim.RunIn(_folder.Path, Smallest).ExitCode);
        Assert.True(File.Exists(_folder.File("r/networks/digits-cnn-seed1.yaml")));
        Assert.True(File.Exists(_folder.File("r/examples.json")));

        Finished run = Qsim.RunIn(
            _folder.Path, [.. Smallest, "--seed", "2", "--shard", "1/9", "--overwrite"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            ["digits-cnn-seed2.npz", "digits-cnn-seed2.yaml"],
            Directory.GetFiles(_folder.File("r/networks")).Select(Path.GetFileName).Order());
        Assert.False(File.Exists(_folder.File("r/examples.json")));
        Assert.All(CellStore.Read(_folder.File("r")).All, c => Assert.Equal(2UL, c.Seed));
    }

    [Fact]
    public void Run_EndedBeforeItBegan_GoesOnInItsFolder()
    {
        Directory.CreateDirectory(_folder.File("r"));
        CellStore.Open(_folder.File("r")).Dispose();

        Assert.Equal(0, Qsim.RunIn(_folder.Path, [.. Smallest, "--shard", "1/9"]).ExitCode);

        File.WriteAllText(_folder.File("r/results.json.1.tmp"), "half of it");
        Assert.Equal(0, Qsim.RunIn(_folder.Path, Smallest).ExitCode);
        Assert.False(File.Exists(_folder.File("r/results.json.1.tmp")));
    }

    [Fact]
    public void Run_CacheIsAFile_IsRefusedBeforeAnything()
    {
        File.WriteAllText(_folder.File("c"), "");

        Finished run = Qsim.RunIn(_folder.Path, [.. Smallest, "--cache", "c"]);

        Assert.Equal(
            (2, "qsim: c: is a file where a folder is needed (--cache)\n"),
            (run.ExitCode, run.Error));
        Assert.False(Directory.Exists(_folder.File("r")));
    }

    [Theory]
    [InlineData("\"attacks\": [\n    \"fgsm\"\n  ]", "\"attacks\": null")]
    [InlineData("\"seeds\": [\n      1\n    ]", "\"seeds\": []")]
    [InlineData("\"threats\": [\n      \"hardware\"\n    ]", "\"threats\": []")]
    [InlineData("\"images\": 20", "\"images\": 0")]
    [InlineData("\"name\": \"float\"", "\"name\": \"flaot\"")]
    [InlineData("\"classes\": 10", "\"classes\": \"ten\"")]
    public void StudyJson_Damaged_IsOneLineAndExitCode2(string whole, string damaged)
    {
        Assert.Equal(0, Qsim.RunIn(_folder.Path, [.. Smallest, "--shard", "1/9"]).ExitCode);
        string file = _folder.File("r/study.json");
        string text = File.ReadAllText(file);
        Assert.Contains(whole, text);
        File.WriteAllText(file, Forged.Document(text, t => t.Replace(whole, damaged)));

        foreach (string[] command in new[] { new[] { "report", "r" }, ["run", "r/study.json"] })
        {
            Finished run = Qsim.RunIn(_folder.Path, command);
            Assert.Equal((2, ""), (run.ExitCode, run.Out));
            Assert.Contains("study.json: ", Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        }
    }

    [Theory]
    [InlineData("missing/report.html", "missing/report.html: there is no folder ")]
    [InlineData("r", "r: is a folder where a file is needed (--out)")]
    [InlineData("/proc/x.html", "/proc/x.html: no file can be written in /proc (--out)")]
    public void Report_OutCannotBe_IsOneLineAndExitCode2(string output, string expected)
    {
        Assert.Equal(0, Qsim.RunIn(_folder.Path, [.. Smallest, "--shard", "1/9"]).ExitCode);

        Finished run = Qsim.RunIn(_folder.Path, "report", "r", "--out", output);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("qsim: " + expected, run.Error);
    }

    private string[] Contents() =>
    [
        .. Directory.GetFiles(_folder.File("r"))
            .Where(f => Path.GetFileName(f) != FolderLock.FileName).Order()
            .Select(File.ReadAllText),
    ];
}
