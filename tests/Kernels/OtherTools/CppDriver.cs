using System.Diagnostics;

namespace QSim.Kernels.Tests.OtherTools;

/// <summary>
/// A small C++ program around somebody else's headers, compiled when the test runs.
/// </summary>
internal static class CppDriver
{
    /// <summary>
    /// Compiles a driver beside this file's output, feeds it lines and returns the lines it
    /// answers. Skips the test where the compiler or the package is missing.
    /// </summary>
    /// <param name="source">File name of the driver.</param>
    /// <param name="header">The header that must exist for it to compile.</param>
    /// <param name="package">The Debian package that brings it.</param>
    /// <param name="flags">Compiler and linker flags, after the source.</param>
    /// <param name="input">What the driver reads.</param>
    public static string[] Run(
        string source, string header, string package, string[] flags, IEnumerable<string> input)
    {
        Skip.IfNot(File.Exists(header), $"no {header}: install {package}");
        Skip.If(
            Start("g++", ["--version"]) is not { } probe || Finish(probe, []).ExitCode != 0,
            "no g++");
        string folder = Directory.CreateTempSubdirectory("qsim-driver").FullName;
        try
        {
            string program = Path.Combine(folder, "driver");
            string path = Path.Combine(AppContext.BaseDirectory, "OtherTools", source);
            (int exit, _, string error) = Finish(
                Start("g++", ["-O1", "-std=c++17", path, "-o", program, .. flags])!, []);
            Assert.True(exit == 0, $"{source} does not compile: {error}");
            (exit, string[] lines, error) = Finish(Start(program, [])!, input);
            Assert.True(exit == 0, $"{source} fails: {error}");
            return lines;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process? Start(string file, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["SYSTEMC_DISABLE_COPYRIGHT_MESSAGE"] = "1";
        try
        {
            return Process.Start(info);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static (int ExitCode, string[] Lines, string Error) Finish(
        Process process, IEnumerable<string> input)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            foreach (string line in input) process.StandardInput.WriteLine(line);
            process.StandardInput.Close();
            process.WaitForExit();
            return (
                process.ExitCode,
                output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries),
                error.Result);
        }
    }
}
