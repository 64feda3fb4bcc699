using System.Diagnostics;
using System.Text.RegularExpressions;

namespace QSim.Runner.Tests.Python;

/// <summary>
/// The tests of <c>python/</c>, which are Python's own, against the command that was just built.
/// </summary>
public partial class PythonTests
{
    private const string Python = "/usr/bin/python3";

    [SkippableTheory]
    [InlineData("test_hardware", "numpy", 15)]
    [InlineData("test_torch", "numpy, torch, onnx", 7)]
    [InlineData("test_documents", "numpy, torch, onnx", 3)]
    public void Python_Tests_Pass(string module, string needs, int atLeast)
    {
        Skip.IfNot(File.Exists(Python), $"{Python} is not there");
        (int code, string said) = Run(["-c", $"import {needs}"]);
        Skip.IfNot(code == 0, $"{Python}: {said.Trim().Split('\n')[^1]}");

        (code, said) = Run(["-W", "ignore::UserWarning", "-m", "unittest", module]);

        Assert.True(code == 0, said);
        Assert.InRange(int.Parse(Ran().Match(said).Groups[1].Value), atLeast, 1000);
        Assert.DoesNotContain("skipped", said);
    }

    /// <summary>The client's version and the product's are one number.</summary>
    [Fact]
    public void Python_Version_IsTheProducts()
    {
        string version = VersionPrefix().Match(
            File.ReadAllText(Path.Combine(Shared.Repository, "Directory.Build.props"))).Groups[1]
            .Value;

        Assert.Contains($"\nversion = \"{version}\"\n", Source("pyproject.toml"));
        Assert.Contains($"\n__version__ = \"{version}\"\n", Source("qsim/__init__.py"));
    }

    private static string Source(string name) =>
        File.ReadAllText(Path.Combine(Shared.Repository, "python", name));

    private static (int Code, string Said) Run(string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments)
        {
            WorkingDirectory = Path.Combine(Shared.Repository, "python", "tests"),
            RedirectStandardError = true,
        };
        start.Environment["QSIM"] = Path.Combine(AppContext.BaseDirectory, "qsim");
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment.Remove("QSIM_TRACE");
        Finished tests = Ends.Of(start);
        return (tests.ExitCode, tests.Error);
    }

    [GeneratedRegex(@"Ran (\d+) tests? in")]
    private static partial Regex Ran();

    [GeneratedRegex("<VersionPrefix>(.*)</VersionPrefix>")]
    private static partial Regex VersionPrefix();
}
