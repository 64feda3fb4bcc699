using System.Runtime.InteropServices;
using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>Studies that ask what circuits cost; without tools, so the fitted model says it.
/// </summary>
public sealed class CostStudyTests : IDisposable
{
    private static readonly string[] Small =
    [
        "run", "--profile", "int4,onednn", "--epochs", "1", "--images", "20", "--attacks", "fgsm",
        "--epsilons", "8/255", "--out", "r",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cost_IsInTablesCsvJsonAndReport_AndSurvivesItsLoss()
    {
        Finished run = WithoutTools([.. Small, "--cost", "asic"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"(?m)^area um2 +~\d+ *$", run.Out);
        Assert.Matches(@"(?m)^nJ an image +~\d+ *$", run.Out);
        Assert.Contains("~ says the fitted model", run.Out);
        string[] lines = File.ReadAllLines(_folder.File("r/results.csv"));
        Assert.EndsWith(
            "high95,area_um2,cells,path_ns,units_nanojoules,total_nanojoules", lines[0]);
        Assert.EndsWith(",,,,,", lines[1]);
        Assert.Matches(@"^1,,int4,none,.*,\d+,\d+,\d+\.\d+,\d+\.\d+,\d+\.\d+$", lines[2]);
        Assert.EndsWith(",,,,,", lines[3]);
        string json = File.ReadAllText(_folder.File("r/results.json"));
        using var results = JsonDocument.Parse(json);
        JsonElement cost = results.RootElement.GetProperty("cost");
        Assert.Equal("asic", cost.GetProperty("target").GetString());
        JsonElement int4 = cost.GetProperty("profiles")[0];
        Assert.False(int4.GetProperty("is_measured").GetBoolean());
        Assert.InRange(int4.GetProperty("area_um2").GetDouble(), 1e3, 1e6);
        Assert.True(File.ReadAllLines(_folder.File("r/costs.csv")).Length > 4);
        string report = File.ReadAllText(_folder.File("r/report.html"));
        Assert.Contains("Circuits for asic", report);
        Assert.Contains("multiply, accumulate, requantize", report);

        File.Delete(_folder.File("r/costs.json"));
        Finished again = WithoutTools([.. Small, "--cost", "asic"]);
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(json, File.ReadAllText(_folder.File("r/results.json")));
        Assert.Contains(
            "this run is finished", WithoutTools([.. Small, "--cost", "asic"]).Error);
    }

    [Theory]
    [InlineData("--cost nine", "cost 'nine' (supported: asic, xcup, ice40, ecp5)")]
    [InlineData("--cost xcup", "not installed: yosys; the fitted model is of asic")]
    [InlineData("--cost-liberty none.lib", "none.lib: ")]
    public void Cost_ThatNothingCanAnswer_IsOneLineBeforeAnyWork(string options, string expected)
    {
        Finished run = WithoutTools([.. Small, .. options.Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.False(Directory.Exists(_folder.File("r")));
    }

    [Fact]
    public void Cost_InAStudyFile_IsTheOption_AndAWrongTargetHasItsPlace()
    {
        string study = _folder.File("s.yaml");
        File.WriteAllText(study, "schema: qsim/study/1\ncost:\n  target: asic\n");
        Assert.Contains(
            "cost: not in the time below; the circuits of 4 profiles for asic",
            WithoutTools(["run", "s.yaml", "--dry-run", "--images", "5", "--epochs", "1"]).Out);

        File.WriteAllText(study, "schema: qsim/study/1\ncost:\n  target: nine\n");
        Finished run = WithoutTools(["run", "s.yaml"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("s.yaml:3:11: cost.target: ", run.Error);
    }

    private Finished WithoutTools(string[] request) =>
        Qsim.Finish(Qsim.Start(_folder.Path, request, new Dictionary<string, string>
        {
            ["PATH"] = Directory.CreateDirectory(_folder.File("empty")).FullName,
            ["DOTNET_ROOT"] = Path.GetFullPath(
                Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
        }));
}
