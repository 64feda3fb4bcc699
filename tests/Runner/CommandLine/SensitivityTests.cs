using System.Text.Json;

namespace QSim.Runner.Tests.CommandLine;

/// <summary>What one bit less costs, with the real executable.</summary>
public sealed class SensitivityTests : IDisposable
{
    private static readonly string[] Small =
    [
        "sensitivity", "--profile", "int4", "--epochs", "3", "--images", "40",
        "--calibration-images", "16", "--attacks", "fgsm", "--epsilons", "16/255", "--tolerance",
        "5", "--out", "s", "--quiet",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Defaults and options are this command's, not those of run.</summary>
    [Fact]
    public void Help_IsOfThisCommand()
    {
        string sensitivity = Help("sensitivity"), search = Help("search");

        Assert.Contains("(default: 8/255 under linf, 0.5 under l2, 4 under l1)", sensitivity);
        Assert.Contains("(default: runs/sensitivity- and the profile's name)", sensitivity);
        Assert.Contains("(default: runs/ and the study's name)", search);
        Assert.Contains("(default: 500, or half of all)", search);
        foreach (string help in (string[])[sensitivity, search])
        {
            Assert.DoesNotContain("leaves chance", help);
            Assert.DoesNotContain("results.json instead", help.Replace("search-results.json", ""));
            Assert.DoesNotContain("int8-acc-wrap, int8-acc-sat)", help);
        }

        Assert.DoesNotContain("--certify", sensitivity);

        static string Help(string command) => string.Join(
            ' ', Qsim.Run(command, "--help").Out.Split((char[])[' ', '\n'],
                StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>An option that nobody knows is no value of the one before.</summary>
    [Fact]
    public void UnknownOption_BehindAList_IsSaidWithoutAHintForLists()
    {
        Finished run = Qsim.RunIn(
            _folder.Path, "sensitivity", "--profile", "int4", "--cache", "x");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            "qsim: unknown option '--cache' (see 'qsim sensitivity --help')\n", run.Error);
    }

    [Fact]
    public void Sensitivity_EveryStage_IsWhatAProfileWithThatBitLessLoses()
    {
        Finished run = Qsim.RunIn(_folder.Path, Small);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[][] rows =
        [
            .. File.ReadAllLines(_folder.File("s/sensitivity.csv")).Skip(1)
                .Select(l => l.Split(',')),
        ];
        Assert.Contains(rows, r => r[..4] is ["conv1", "weight", "4 to 3", "clean"]);
        Assert.Contains(rows, r => r[1] == "accumulator" && r[3] == "worst at 16/255");
        Assert.Contains("Costliest bit:", run.Out);
        string page = File.ReadAllText(_folder.File("s/report.html"));
        Assert.Contains("data-plot=\"sensitivity-clean\"", page);

        Finished plots = Qsim.RunIn(_folder.Path, "report", "s", "--plots", "p");
        Assert.Equal(0, plots.ExitCode);
        Assert.Equal(
            File.ReadAllText(_folder.File("s/plots/sensitivity-clean.csv")),
            File.ReadAllText(_folder.File("p/sensitivity-clean.csv")));

        // The same by a profile that says it.
        File.WriteAllText(
            _folder.File("narrow.yaml"),
            """
            schema: qsim/hardware-profile/1
            extends: int4
            name: narrow
            layers:
              - match: {name: conv1}
                weight: {bits: 3}
            """);
        Finished by = Qsim.RunIn(
            _folder.Path, "run", "--profile", "int4,narrow.yaml", "--epochs", "3", "--images",
            "40", "--calibration-images", "16", "--attacks", "fgsm", "--epsilons", "16/255",
            "--out", "r", "--quiet");
        Assert.Equal((0, ""), (by.ExitCode, by.Error));
        string[][] cells =
            [.. File.ReadAllLines(_folder.File("r/results.csv")).Select(l => l.Split(','))];
        foreach (string attack in new[] { "none", "fgsm" })
        {
            int Right(string target) =>
                int.Parse(cells.Single(c => c[2] == target && c[3] == attack)[6], null);
            string figure = attack == "none" ? "clean" : "worst at 16/255";
            Assert.Equal(
                (Right("int4") - Right("narrow")) * 100.0 / 40,
                double.Parse(
                    rows.Single(r => r[..2] is ["conv1", "weight"] && r[3] == figure)[4],
                    System.Globalization.CultureInfo.InvariantCulture),
                9);
        }

        string json = File.ReadAllText(_folder.File("s/sensitivity.json"));
        Finished again = Qsim.RunIn(_folder.Path, Small);
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(json, File.ReadAllText(_folder.File("s/sensitivity.json")));
        Assert.NotEmpty(
            JsonDocument.Parse(json).RootElement.GetProperty("stages").EnumerateArray());
    }

    [Theory]
    [InlineData("--profile: one profile is needed, not 4")]
    [InlineData("--profile: one profile is needed, not 2", "--profile", "int4,int8-wide")]
    [InlineData("unknown option '--certify'", "--profile", "int4", "--certify", "bounds")]
    [InlineData("unknown option '--transfer-matrix'", "--profile", "int4", "--transfer-matrix")]
    public void Sensitivity_OfWhatItDoesNotDo_IsOneLine(string message, params string[] options)
    {
        Finished run = Qsim.RunIn(_folder.Path, ["sensitivity", .. options]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
