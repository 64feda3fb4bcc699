using System.Diagnostics;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim vectors</c> and <c>conform --vectors</c> through the real executable.</summary>
public sealed class VectorsTests : IDisposable
{
    private static readonly string[] Small = ["--epochs", "1", "--profile", "int8-acc-wrap"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Vectors_OfALayer_ConformAndTheMutatedSetDoesNot()
    {
        Finished run = Qsim.RunIn(
            _folder.Path,
            [
                "vectors", .. Small, "--layer", "conv2", "--images", "2,5", "--mutate", "3",
                "--out", "golden",
            ]);

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"(?m)^conv2\.total +register +2x\d+x\d+x\d+ +17$", run.Out);
        Assert.Contains("golden: ", run.Out);
        string readme = File.ReadAllText(_folder.File("golden/README.md"));
        Assert.Contains("Written by `qsim vectors` for images 2, 5 of the data set.", readme);
        Finished right = Qsim.RunIn(_folder.Path, "conform", "--vectors", "golden", "golden/hex");
        Assert.Equal(0, right.ExitCode);
        Finished wrong = Qsim.RunIn(
            _folder.Path, "conform", "--vectors", "golden", "golden/mutated");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Matches(@"conv2\.\w+ \[image [25], channel \d+, row \d+, column \d+\]: ", wrong.Out);
        Finished nothing = Qsim.RunIn(_folder.Path, "conform", "--vectors", "golden", "results");
        Assert.Equal(
            (2, "results: there is no such file\n"), (nothing.ExitCode, nothing.Error));

        Finished again = Qsim.RunIn(_folder.Path, ["vectors", .. Small, "--out", "golden"]);
        Assert.Equal((2, "qsim: golden: holds something already; name another (--out)"),
            (again.ExitCode, again.Error.Trim()));
    }

    /// <summary>Our own circuit writes its registers out, and they are the vectors'.</summary>
    [SkippableFact]
    public void Registers_ThatTheTwinWroteInIcarus_Conform()
    {
        string? compiler = Programs.Find("iverilog"), runner = Programs.Find("vvp");
        Skip.If(compiler is null || runner is null, "no iverilog: install iverilog");
        foreach (string[] request in new[]
        {
            new[] { "vectors", "--images", "0..3", "--updates", "--out", "golden" },
            ["rtl", "--outputs", "40", "--out", "twin"],
        })
            Assert.Equal(0, Qsim.RunIn(
                _folder.Path,
                [request[0], "--epochs", "1", "--profile", "hls4ml-default", "--layer", "conv1",
                    .. request[1..]]).ExitCode);
        string twin = _folder.File("twin"), build = Path.Combine(twin, "twin.vvp");
        string results = Directory.CreateDirectory(_folder.File("results")).FullName;
        string[] sources =
            Directory.GetFiles(twin, "*.sv", SearchOption.AllDirectories);
        Start(twin, compiler!, ["-g2012", "-s", "clock", "-o", build, .. sources]);
        Start(twin, runner!, [build, $"+registers={results}"]);

        Finished run = Qsim.RunIn(_folder.Path, "conform", "--vectors", "golden", "results");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"results +vectors +1520 +0 +6 of 6 registers, 1520 of \d+ values", run.Out);
    }

    [Theory]
    [InlineData("--images 3..1", "--images: '3..1' is not an image (supported: ")]
    [InlineData("--images 9999", "images 10000: ")]
    [InlineData("--layer nine", "--layer: no layer 'nine'")]
    [InlineData("--updates --images 0..499", "--images: 500 images have about ")]
    [InlineData("--mutate -1", "")]
    public void WrongOptions_OneLineEach_NothingWritten(string options, string expected)
    {
        Finished run = Qsim.RunIn(
            _folder.Path, ["vectors", .. Small, .. options.Split(' '), "--out", "golden"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Conform_WithoutAFolderOfVectors_IsOneLine()
    {
        Finished run = Qsim.RunIn(_folder.Path, "conform", "--vectors", "none", "results");
        Assert.Equal(2, run.ExitCode);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.Contains("manifest.json", run.Error);
    }

    private static void Start(string folder, string program, IEnumerable<string> arguments) =>
        Assert.Equal(0, Ends.Of(
            new ProcessStartInfo(program, arguments) { WorkingDirectory = folder }).ExitCode);
}
