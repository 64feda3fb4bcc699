using System.Diagnostics;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Runs that end badly: the same command completes them.</summary>
public sealed class EndingTests(EndingTests.Whole whole)
    : IClassFixture<EndingTests.Whole>, IDisposable
{
    private static readonly string[] Smallest =
    [
        "run", "--images", "16", "--epochs", "1", "--attacks", "fgsm", "--epsilons", "0.1",
        "--profile", "int4", "--out", "r", "--quiet",
    ];

    /// <summary>The same with an attack that outlasts whatever is done to it meanwhile.</summary>
    private static readonly string[] Long =
    [
        "run", "--images", "300", "--epochs", "1", "--attacks", "pgd-20000", "--epsilons", "0.001",
        "--profile", "int4", "--out", "r", "--quiet",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("report.html")]
    [InlineData("results.json")]
    [InlineData("manifest.json")]
    [InlineData("study.json")]
    [InlineData("cells.jsonl")]
    public void Run_FileIsGoneOrEmpty_IsCompletedToEqualBytes(string name)
    {
        whole.CopyTo(_folder);
        Dictionary<string, string> before = Contents();
        File.WriteAllText(_folder.File($"r/{name}"), "");

        Assert.Equal(0, Qsim.RunIn(_folder.Path, Smallest).ExitCode);
        if (name is not ("report.html" or "results.json")) Assert.Equal(before, Contents());
        File.Delete(_folder.File($"r/{name}"));
        Assert.Equal(0, Qsim.RunIn(_folder.Path, Smallest).ExitCode);

        Assert.Equal(before, Contents());
    }

    [Theory]
    [InlineData("examples.json", "cut")]
    [InlineData("hardware.json", "cut")]
    [InlineData("examples.json", "one digit is another")]
    [InlineData("hardware.json", "one digit is another")]
    public void Run_SideFileIsDamaged_IsMadeAgain(string name, string damage)
    {
        whole.CopyTo(_folder);
        string path = _folder.File($"r/{name}"), right = File.ReadAllText(path);
        File.WriteAllText(path, damage == "cut" ? right[..^4] : right.Replace("\"1\"", "\"3\"")
            .Replace("/1\"", "/3\""));

        Finished report = Qsim.RunIn(_folder.Path, "report", "r");
        Finished again = Qsim.RunIn(_folder.Path, Smallest);

        Assert.Contains($"{name}: is damaged, the report goes without", report.Error);
        Assert.Equal((0, right), (again.ExitCode, File.ReadAllText(path)));
    }

    [Fact]
    public void Run_StudyJsonHasAFlippedBit_IsCompletedToEqualBytes()
    {
        whole.CopyTo(_folder);
        Dictionary<string, string> before = Contents();
        string path = _folder.File("r/study.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"seeds\"", "\"seedz\""));

        Finished report = Qsim.RunIn(_folder.Path, "report", "r");
        Finished again = Qsim.RunIn(_folder.Path, Smallest);

        Assert.Contains("study.json: is damaged", report.Error);
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void Run_CellsVanishMeanwhile_Fails()
    {
        using Process process = Qsim.Start(_folder.Path, Long);
        Ends.When(() => File.Exists(_folder.File("r/study.json")), process);
        File.Delete(_folder.File("r/cells.jsonl"));
        Finished run = Qsim.Finish(process);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("cells.jsonl: was removed or changed while the run was at work", run.Error);
    }

    [SkippableTheory]
    [InlineData("HUP")]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void Run_Signal_KeepsWhatIsFinishedAndReports(string signal)
    {
        string? kill = Programs.Find("kill");
        Skip.If(kill is null, "kill is not installed");
        using Process process = Qsim.Start(_folder.Path, Long);
        Ends.When(() => HasCells(_folder.File("r/cells.jsonl")), process);
        Ends.Of(kill!, $"-{signal}", $"{process.Id}");
        Finished run = Qsim.Finish(process);

        Assert.Equal(130, run.ExitCode);
        Assert.StartsWith("stopping after what is at work (once more to stop at once)", run.Error);
        Assert.Contains(
            "\"status\": \"interrupted\"", File.ReadAllText(_folder.File("r/manifest.json")));
        Assert.True(File.Exists(_folder.File("r/report.html")));
    }

    /// <summary>Registers of many images are seconds of work after the network is there.</summary>
    [SkippableTheory]
    [InlineData("explain taps --images 500 --image all --out r.npz")]
    [InlineData("rtl --images 400 --outputs 100000 --out r")]
    public void Registers_Signal_StopsAndLeavesNothing(string command)
    {
        string? kill = Programs.Find("kill");
        Skip.If(kill is null, "kill is not installed");
        using Process process = Qsim.Start(
            _folder.Path, [.. command.Split(' '), "--profile", "int4", "--epochs", "1"]);
        Ends.LinesTo(process.StandardError, line => line.Contains("int4 on "));
        Ends.Of(kill!, "-INT", $"{process.Id}");
        Finished stopped = Qsim.Finish(process);

        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains("qsim: interrupted", stopped.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private static bool HasCells(string path) =>
        new FileInfo(path) is { Exists: true, Length: > 0 };

    [SkippableTheory]
    [InlineData("2>&-", 0)]
    [InlineData("2>/dev/full", 0)]
    [InlineData(">&- 2>&-", 2)]
    [InlineData(">/dev/full", 2)]
    public void Run_StreamIsClosedOrFull_DoesItsWork(string streams, int expected)
    {
        string? shell = Programs.Find("sh");
        Skip.If(shell is null || !File.Exists("/dev/full"), "there is no sh, or no /dev/full");
        string qsim = Path.Combine(AppContext.BaseDirectory, "qsim");
        string[] loud = Smallest[..^1];
        var start = new ProcessStartInfo(
            shell!, ["-c", $"\"$0\" \"$@\" {streams}", qsim, .. loud])
        {
            WorkingDirectory = _folder.Path,
        };
        Assert.Equal(expected, Ends.Of(start).ExitCode);
        Assert.Contains(
            "\"status\": \"finished\"", File.ReadAllText(_folder.File("r/manifest.json")));
    }

    [Fact]
    public void Run_FolderOfLinks_LeadsNowhere()
    {
        File.WriteAllText(_folder.File("victim"), "precious");
        foreach (string name in new[] { "cells.lock", "cells.jsonl", "study.json", "networks" })
        {
            Directory.CreateDirectory(_folder.File("r"));
            File.CreateSymbolicLink(_folder.File($"r/{name}"), _folder.File("victim"));

            Assert.Equal(2, Qsim.RunIn(_folder.Path, Smallest).ExitCode);

            Assert.Equal("precious", File.ReadAllText(_folder.File("victim")));
            Directory.Delete(_folder.File("r"), recursive: true);
        }
    }

    /// <summary>Everything but what depends on when, where and how fast.</summary>
    private Dictionary<string, string> Contents() => Directory.GetFiles(_folder.File("r"))
        .Where(f => Path.GetFileName(f) is not ("manifest.json" or "report.html" or "report.md"))
        .ToDictionary(f => Path.GetFileName(f), File.ReadAllText);

    /// <summary>A run that nothing happened to; each test damages a copy.</summary>
    public sealed class Whole : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Whole() => Assert.Equal(0, Qsim.RunIn(_folder.Path, Smallest).ExitCode);

        internal void CopyTo(TemporaryFolder other)
        {
            foreach (string file in Directory.GetFiles(
                _folder.Path, "*", SearchOption.AllDirectories))
            {
                string to = other.File(Path.GetRelativePath(_folder.Path, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
        }

        public void Dispose() => _folder.Dispose();
    }
}
