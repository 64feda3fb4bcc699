using System.Diagnostics;
using System.Runtime.InteropServices;

namespace QSim.Simulator.Tests.Networks.Files.Exported;

/// <summary>
/// A folder with what PyTorch exports: a network, perhaps its images and outputs. Without PyTorch
/// the test is skipped.
/// </summary>
internal sealed class Export : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qsim-test-");
    private readonly string _name;

    /// <param name="script">Beside this file.</param>
    /// <param name="name">Which of the script's networks.</param>
    public Export(string script, string name)
    {
        _name = name;
        Skip.IfNot(System.IO.File.Exists(Python), "there is no python3");
        string path = Path.Combine(GoldenNetworkTests.Folder, "..", "Exported", script);
        using Process python = Process.Start(
            new ProcessStartInfo(Python, [path, _folder.FullName, name])
            {
                RedirectStandardError = true,
            })!;
        string error = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Skip.If(error.Contains("No module named 'torch'"), "python3-torch is not installed");
        Assert.True(python.ExitCode == 0, error);
    }

    public string File(string kind) => Path.Combine(_folder.FullName, $"{_name}.{kind}");

    public float[] Floats(string kind) => MemoryMarshal.Cast<byte, float>(
        System.IO.File.ReadAllBytes(File(kind))).ToArray();

    public void Dispose() => _folder.Delete(recursive: true);
}
