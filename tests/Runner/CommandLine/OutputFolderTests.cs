namespace QSim.Runner.Tests.CommandLine;

/// <summary>
/// Folders that cannot be written to, wherever one is named: one line before anything is done, the
/// same from a dry run.
/// </summary>
public sealed class OutputFolderTests : IDisposable
{
    private static readonly string[] Smallest =
        ["run", "--images", "20", "--attacks", "fgsm", "--epsilons", "8/255", "--quiet"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Bad()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (string option in (string[])["--out", "--cache", "--save-images"])
        {
            rows.Add(option, " ", $"{option} is empty: name a folder");
            rows.Add(option, "file", $"file: is a file where a folder is needed ({option})");
            rows.Add(option, "file/in/it", $"file is not a folder ({option})");
            rows.Add(option, "/dev/null/x", $"/dev/null/x: /dev/null is not a folder ({option})");
            if (OperatingSystem.IsLinux())
                rows.Add(option, "/proc/x", $"/proc/x: no folder can be made in /proc ({option})");
        }

        rows.Add("--out", "full", "full: is not empty and holds no run");
        return rows;
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Run_FolderCannotBeWritten_IsOneLineAlsoInADryRun(
        string option, string folder, string said)
    {
        File.WriteAllText(_folder.File("file"), "");
        Directory.CreateDirectory(_folder.File("full"));
        File.WriteAllText(_folder.File("full/notes.txt"), "precious");

        Finished run = Qsim.RunIn(_folder.Path, [.. Smallest, option, folder]);
        Finished dry = Qsim.RunIn(_folder.Path, [.. Smallest, option, folder, "--dry-run"]);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(said, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        Assert.Equal(
            (run.ExitCode, run.Out, run.Error), (dry.ExitCode, dry.Out, dry.Error));
        Assert.Equal(
            ["file", "full", "notes.txt"],
            Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories)
                .Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("explain taps --out x/y.npz", "x")]
    [InlineData("rtl --out file/in", "file")]
    [InlineData("rtl --out file", "file")]
    [InlineData("certify --certificates file/in", "file")]
    [InlineData("certify --cache file", "file")]
    [InlineData("report full --out x/y.html", "x")]
    public void OtherCommands_SayItInOneLine(string line, string named)
    {
        File.WriteAllText(_folder.File("file"), "");
        Directory.CreateDirectory(_folder.File("full"));

        Finished run = Qsim.RunIn(_folder.Path, line.Split(' '));

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(named, Assert.Single(run.Error.TrimEnd('\n').Split('\n')));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }
}
