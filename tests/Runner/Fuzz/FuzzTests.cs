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
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "qsim-fuzz"),
            ["--mutants", Mutants, "--seed", "1", "--in-process"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardOutput.ReadToEndAsync();
        string failures = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.Equal("", failures);
        Assert.Equal(0, process.ExitCode);
        Assert.Contains("seed 1", said.Result);
        Assert.Contains("| onnx | 40 |", said.Result);
        Assert.Contains("| command | 40 |", said.Result);
    }
}
