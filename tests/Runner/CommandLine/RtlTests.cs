
namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim rtl</c> through the real executable.</summary>
public sealed class RtlTests : IDisposable
{
    private static readonly string[] Small =
        ["--epochs", "1", "--images", "20", "--profile", "int4", "--outputs", "5"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rtl_WritesCircuitsTestbenchAndVectors_AndNothingOverSomethingElse()
    {
        Finished run = Qsim.RunIn(_folder.Path, ["rtl", .. Small, "--out", "twin"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"(?m)^pool1 +largest of 4 x 4 bits +5 +0$", run.Out);
        Assert.Matches(@"(?m)^flatten\S* +none: moves values: wires alone", run.Out);
        string twin = Path.Combine(_folder.Path, "twin");
        string unit = File.ReadAllText(Path.Combine(twin, "rtl", "conv1_unit.sv"));
        Assert.Contains("module conv1_unit (", unit);
        string steps = Path.Combine(twin, "vectors", "conv1_steps.hex");
        Assert.Equal(5 * 9, File.ReadLines(steps).Count());
        string about = File.ReadAllText(Path.Combine(twin, "README.md"));
        Assert.StartsWith("# digits-cnn on int4, in SystemVerilog\n", about);
        Assert.Contains("`make verilator", about);

        Finished again = Qsim.RunIn(_folder.Path, ["rtl", .. Small, "--out", "twin"]);
        Assert.Equal(2, again.ExitCode);
        Assert.Equal("qsim: twin: holds something already; name another (--out)",
            again.Error.Trim());
    }

    [Fact]
    public void Mutate_TurnsOneBitOfEachLayersVectors_AndSaysWhere()
    {
        Finished right = Qsim.RunIn(_folder.Path, ["rtl", .. Small, "--out", "right"]);
        Finished wrong = Qsim.RunIn(
            _folder.Path, ["rtl", .. Small, "--mutate", "7", "--out", "wrong"]);

        Assert.Equal(0, right.ExitCode);
        Assert.Equal(0, wrong.ExitCode);
        Assert.Contains("conv1: wrong on purpose: ", wrong.Out);
        Assert.Equal(1, Bits("conv1"));
        Assert.Equal(1, Bits("dense2"));
    }

    [SkippableFact]
    public void Check_InIcarus_FindsEveryRegisterEqual()
    {
        Skip.If(Programs("iverilog") is null, "no iverilog: install iverilog");
        Finished run = Qsim.RunIn(
            _folder.Path, ["rtl", "check", .. Small, "--simulator", "icarus"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("conv1: every register equal", run.Out);
        Assert.Contains("dense2: every register equal", run.Out);
        Assert.Contains("build the testbench for icarus", run.Error);
        Assert.Contains("play the vectors", run.Error);
    }

    /// <summary>
    /// Before the simulator runs, the third output of conv1 gets another bias: its accumulator is
    /// wrong from the first step on.
    /// </summary>
    [SkippableFact]
    public void Check_OfARegisterThatDiffers_NamesItsPlaceAndExits1()
    {
        Skip.If(OperatingSystem.IsWindows(), "its programs are scripts");
        string? simulator = Programs("vvp");
        Skip.If(simulator is null || Programs("iverilog") is null, "no iverilog: install iverilog");
        string tools = Directory.CreateDirectory(_folder.File("tools")).FullName;
        string script = Path.Combine(tools, "vvp");
        File.WriteAllText(
            script,
            "#!/bin/sh\n"
                + "sed -i '3{s/0$/1/;t;s/.$/0/}' vectors/conv1_outputs.hex || exit 9\n"
                + $"exec {simulator} \"$@\"\n");
        Ends.Of("chmod", "+x", script);
        Finished run = Qsim.Finish(Qsim.Start(
            _folder.Path, ["rtl", "check", .. Small, "--simulator", "icarus"],
            new Dictionary<string, string>
            {
                ["PATH"] = $"{tools}:{Environment.GetEnvironmentVariable("PATH")}",
            }));

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            @"(?m)^conv1: accumulator differs at image 2, channel \d+, position \d+, step 0: "
                + @"expected=[0-9a-f]+ flags=[01] [01] found=[0-9a-f]+ flags=[01] [01]$",
            run.Out);
        Assert.Contains("conv2: every register equal", run.Out);
        Assert.Contains("dense2: every register equal", run.Out);
    }

    [Theory]
    [InlineData("--outputs", "0", "--outputs: 1 or more is needed")]
    [InlineData("--images", "0", "--images: 1 or more is needed")]
    [InlineData("--images", "many", "'many' for option '--images': it is not a whole number")]
    [InlineData("--images", "501", "images 501: there are 500 test images")]
    [InlineData("--layer", "nine", "--layer: no layer 'nine'")]
    public void WrongOptions_OneLineEach(string option, string value, string expected)
    {
        Finished run = Qsim.RunIn(
            _folder.Path,
            ["rtl", "--epochs", "1", option, value, "--out", "twin"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "twin")));
    }

    /// <summary>Bits by which the wrong vectors of a layer differ from the right ones.</summary>
    private int Bits(string layer) => new[] { "steps", "outputs" }.Sum(file =>
    {
        string[] texts =
        [
            .. new[] { "right", "wrong" }.Select(f => File.ReadAllText(
                Path.Combine(_folder.Path, f, "vectors", $"{layer}_{file}.hex"))),
        ];
        return texts[0].Zip(texts[1]).Sum(c => c.First == c.Second
            ? 0
            : int.PopCount(Convert.ToInt32($"{c.First}", 16) ^ Convert.ToInt32($"{c.Second}", 16)));
    });

    private static string? Programs(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(f => Path.Combine(f, name))
            .FirstOrDefault(File.Exists);
}
