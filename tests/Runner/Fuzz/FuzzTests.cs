using System.Diagnostics;

namespace QSim.Runner.Tests.Fuzz;

/// <summary>
/// A short run of <c>qsim-fuzz</c>: mutants of every format, read and run under guard pages. The
/// long one is a command (bench/README.md).
/// </summary>
public class FuzzTests
{
    private const string Mutants = "40";

    [SkippableFact]
    public void Mutants_OfEveryFormat_AreRunOrRefusedInOneLine()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "guard pages are Linux's");

        (int exitCode, string said, string failures) = Fuzz(
            "--mutants", Mutants, "--seed", "1", "--in-process");

        Assert.Equal("", failures);
        Assert.Equal(0, exitCode);
        Assert.Contains("seed 1", said);
        Assert.Contains("| onnx | 40 |", said);
        Assert.Contains("| command | 40 |", said);
    }

    /// <summary>A run of no format at all would find nothing.</summary>
    [Fact]
    public void Format_ThatThereIsNot_IsRefused() =>
        Assert.Equal(
            (2, "", "unknown format 'npz' (see --help)"),
            Fuzz("onnx", "npz", "--mutants", "1"));

    /// <summary>Taken for none, it would begin hours of every format.</summary>
    [Theory]
    [InlineData("unknown option '--mutant' (see --help)", "--mutant", "1")]
    [InlineData("--seed takes a whole number, found 'one' (see --help)", "--seed", "one")]
    [InlineData("--mutants takes a whole number, found '' (see --help)", "onnx", "--mutants")]
    public void Option_ThatThereIsNot_IsRefused(string expected, params string[] arguments) =>
        Assert.Equal((2, "", expected), Fuzz(arguments));

    private static (int ExitCode, string Out, string Error) Fuzz(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "qsim-fuzz"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Finished fuzz = Ends.Of(start);
        return (fuzz.ExitCode, fuzz.Out, fuzz.Error.Trim());
    }
}
