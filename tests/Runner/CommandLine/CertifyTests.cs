using System.Diagnostics;
using System.Text.Json;
using QSim.Attacks.Evaluation;
using QSim.Certificates;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Conformance;
using QSim.Kernels.Datapath;
using QSim.Runner.Output;
using QSim.Runner.Studies.Saved;

namespace QSim.Runner.Tests.CommandLine;

/// <summary><c>qsim certify</c>, through the executable.</summary>
public sealed class CertifyTests : IDisposable
{
    private static readonly string[] Small =
        ["certify", "--images", "12", "--epochs", "2", "--profile", "int4", "--cache", "nets"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Certify_CountsEveryImage()
    {
        Finished table = Qsim.RunIn(
            _folder.Path, [.. Small, "--epsilons", "1/255,0.5", "--seconds", "1"]);
        Assert.Equal(0, table.ExitCode);
        Assert.Contains("certify int4 at 1/255", table.Error);
        Assert.Matches(
            @"int4: of 12 images \d+ proved, \d+ broken, \d+ undecided at 1/255", table.Out);

        Finished json = Qsim.RunIn(
            _folder.Path,
            [.. Small, "--epsilons", "1/255,0.5", "--seconds", "1", "--json", "--quiet"]);
        Assert.Equal((0, ""), (json.ExitCode, json.Error));
        JsonElement[] cells = [.. JsonDocument.Parse(json.Out).RootElement
            .GetProperty("cells").EnumerateArray()];
        Assert.Equal(2, cells.Length);
        int[] proved = [.. cells.Select(c => c.GetProperty("proved").GetInt32())];
        Assert.True(proved[0] > 0 && proved[0] >= proved[1], $"{proved[0]}, {proved[1]}");
        Assert.True(cells[1].GetProperty("broken").GetInt32() > 0);
        Assert.All(cells, c => Assert.Equal(
            12,
            new[] { "proved", "broken", "undecided", "wrong" }
                .Sum(v => c.GetProperty(v).GetInt32())));
    }

    [Fact]
    public void Bounds_ProveNoMoreThanTheSearch()
    {
        int bounds = Proved("bounds"), complete = Proved("complete");
        Assert.True(bounds > 0 && bounds <= complete, $"{bounds}, {complete}");

        int Proved(string method) => JsonDocument.Parse(
            Qsim.RunIn(
                _folder.Path,
                [.. Small, "--epsilons", "2/255", "--certify", method, "--seconds", "1", "--json"])
            .Out).RootElement.GetProperty("cells")[0].GetProperty("proved").GetInt32();
    }

    /// <summary>A ball within a box leaves more to be proved than the box.</summary>
    [Fact]
    public void Bounds_UnderEveryNorm_ProveMoreOfASmallerBudget()
    {
        int linf = Proved("linf"), l2 = Proved("l2"), l1 = Proved("l1");
        Assert.True(l1 > 0 && l1 >= l2 && l2 >= linf && l1 > linf, $"{linf}, {l2}, {l1}");

        int Proved(string norm) => JsonDocument.Parse(
            Qsim.RunIn(
                _folder.Path,
                [
                    "certify", "--images", "60", "--epochs", "6", "--profile", "int8-wide",
                    "--cache", "nets", "--norm", norm, "--epsilons", "0.06", "--certify",
                    "bounds", "--json",
                ])
            .Out).RootElement.GetProperty("cells")[0].GetProperty("proved").GetInt32();
    }

    /// <summary>Attacks break nothing that is proved.</summary>
    [Fact]
    public void Proved_StandsAttacks()
    {
        string[] question =
        [
            "--images", "40", "--epochs", "8", "--profile", "int8-wide", "--epsilons", "6/255",
            "--cache", "nets", "--quiet",
        ];
        Finished attacked = Qsim.RunIn(
            _folder.Path,
            [
                "run", .. question, "--attacks", "apgd-ce-20", "--out", "r", "--save-images", "adv",
            ]);
        Assert.Equal(0, attacked.ExitCode);
        bool[] stands = SavedCell
            .Read(_folder.File("adv/hardware-int8-wide-apgd-ce-20-6_255.npz")).Outcomes!;
        string[] verdicts = [.. JsonDocument.Parse(
            Qsim.RunIn(
                _folder.Path, ["certify", .. question, "--seconds", "0.3", "--json"]).Out)
            .RootElement.GetProperty("cells")[0].GetProperty("verdicts").EnumerateArray()
            .Select(v => v.GetProperty("verdict").GetString()!)];
        Assert.Contains("proved", verdicts);
        Assert.Contains(false, stands);
        Assert.All(stands.Zip(verdicts), i => Assert.False(!i.First && i.Second == "proved"));
        Assert.All(stands.Zip(verdicts), i => Assert.False(i.First && i.Second == "wrong"));
    }

    [Fact]
    public void Certificates_AreCheckedAndRefusedForOtherHardware()
    {
        Assert.Equal(
            0,
            Qsim.RunIn(
                _folder.Path,
                [.. Small, "--epsilons", "1/255", "--seconds", "1", "--certificates", "proofs"])
            .ExitCode);
        string file = Certificates()[0];
        Finished holds = Qsim.RunIn(_folder.Path, ["certify", "check", file, "--cache", "nets"]);
        Assert.Equal((0, true), (holds.ExitCode, holds.Out.StartsWith("holds: int4 decides ")));

        Finished other = Qsim.RunIn(
            _folder.Path,
            ["certify", "check", file, "--cache", "nets", "--profile", "int8-wide"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("it is of another program than int8-wide", other.Error);

        File.WriteAllText(
            file, File.ReadAllText(file).Replace("\"epsilon\":\"1/255\"", "\"epsilon\":\"9/255\""));
        Finished wider = Qsim.RunIn(_folder.Path, ["certify", "check", file, "--cache", "nets"]);
        Assert.Equal(1, wider.ExitCode);
        Assert.Contains("its box leaves out allowed images", wider.Error);

        Finished folder = Qsim.RunIn(
            _folder.Path, ["certify", "check", "proofs", "--cache", "nets"]);
        int all = Certificates().Length;
        Assert.Equal(1, folder.ExitCode);
        Assert.Contains($"\n{all - 1} of {all} certificates hold", folder.Out);
        Assert.Equal(all - 1, folder.Out.Split('\n').Count(l => l.StartsWith("holds: ")));
        Assert.Contains("its box leaves out allowed images", folder.Error);

        File.WriteAllText(file, "{}");
        Assert.Equal(2, Qsim.RunIn(_folder.Path, ["certify", "check", file]).ExitCode);
        folder = Qsim.RunIn(_folder.Path, ["certify", "check", "proofs", "--cache", "nets"]);
        Assert.Equal(2, folder.ExitCode);
        Assert.Contains("is not a certificate, or is damaged", folder.Error);
        Assert.Contains($"\n{all - 1} of {all} certificates hold", folder.Out);
        Directory.CreateDirectory(_folder.File("empty"));
        Assert.Contains(
            "empty: holds no certificates",
            Qsim.RunIn(_folder.Path, ["certify", "check", "empty"]).Error);
    }

    private string[] Certificates() => [.. Directory.GetFiles(_folder.File("proofs"), "int4-*.json")
        .Where(f => !f.EndsWith(".broken.json") && !f.EndsWith(".undecided.json"))];

    /// <summary>
    /// Of a budget that somebody stops: what is proved is there, and is not proved again.
    /// </summary>
    [SkippableFact]
    public void Certificates_Stopped_AreKeptAndTaken()
    {
        string? kill = Programs.Find("kill");
        Skip.If(kill is null, "kill is not installed");
        string[] command =
        [
            "certify", "--images", "60", "--epochs", "2", "--profile", "int4", "--cache", "nets",
            "--epsilons", "4/255", "--certificates", "proofs", "--threads", "1",
        ];
        using Process process = Qsim.Start(_folder.Path, [.. command, "--seconds", "60"]);
        Ends.When(() => Proofs().Length > 0, process);
        Ends.Of(kill!, "-INT", $"{process.Id}");
        Finished stopped = Ends.Of(process);
        Dictionary<string, DateTime> kept = Proofs().ToDictionary(f => f, File.GetLastWriteTimeUtc);
        File.WriteAllText(kept.Keys.First(), "damaged");

        Finished again = Qsim.RunIn(
            _folder.Path, [.. command, "--seconds", "0.05", "--json"]);

        Assert.Equal((130, 0), (stopped.ExitCode, again.ExitCode));
        Assert.Matches(
            @"int4 at 4/255: stopped, of 60 images \d+ proved, \d+ broken, \d+ undecided",
            stopped.Error);
        JsonElement[] verdicts = [.. JsonDocument.Parse(again.Out).RootElement
            .GetProperty("cells")[0].GetProperty("verdicts").EnumerateArray()];
        foreach (string file in kept.Keys.Skip(1))
        {
            int image = int.Parse(file[(file.LastIndexOf('-') + 1)..^".json".Length]);
            Assert.Equal("proved", verdicts[image].GetProperty("verdict").GetString());
            Assert.Equal(0, verdicts[image].GetProperty("nodes").GetInt64());
            Assert.Equal(kept[file], File.GetLastWriteTimeUtc(file));
        }

        Finished holds = Qsim.RunIn(
            _folder.Path, ["certify", "check", "proofs", "--cache", "nets"]);
        Assert.Equal(0, holds.ExitCode);

        // Before there is anything, the folder is made to see whether it can be, and goes again.
        string[] Proofs()
        {
            try
            {
                return Certificates();
            }
            catch (DirectoryNotFoundException)
            {
                return [];
            }
        }
    }

    /// <summary>A study's own method and limits hold, unless others are typed.</summary>
    [Fact]
    public void Study_SaysHowToDecide()
    {
        File.WriteAllText(
            _folder.File("s.yaml"),
            "schema: qsim/study/1\nimages: 4\nepochs: 1\nprofiles: [int4]\n"
                + "epsilons: [1/255]\ncertify: {method: bounds, nodes: 7, seconds: 5}\n");
        string[] command = ["certify", "s.yaml", "--cache", "nets", "--json", "--quiet"];
        JsonElement own = JsonDocument.Parse(Qsim.RunIn(_folder.Path, command).Out).RootElement;
        JsonElement typed = JsonDocument.Parse(Qsim.RunIn(
            _folder.Path, [.. command, "--certify", "complete", "--seconds", "1"]).Out).RootElement;

        Assert.Equal(("bounds", 5, 7), Limits(own));
        Assert.Equal(("complete", 1, 7), Limits(typed));

        static (string?, double, int) Limits(JsonElement document) => (
            document.GetProperty("method").GetString(), document.GetProperty("seconds").GetDouble(),
            document.GetProperty("nodes").GetInt32());
    }

    [Fact]
    public void Help_SaysWhichBudgetsAreTheDefault()
    {
        string help = string.Join(
            ' ', Qsim.Run("certify", "--help").Out.Split((char[])[' ', '\n'],
                StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("if it has none, 1/255,2/255,4/255,8/255 under linf", help);
        Assert.DoesNotContain("leaves chance", help);
        string cells = Qsim.RunIn(
            _folder.Path, [.. Small, "--certify", "bounds", "--norm", "l2"]).Out;
        Assert.Contains("0.05 ", cells);
        Assert.DoesNotContain("1.5 ", cells);
    }

    [Theory]
    [InlineData("--certify", "all", "--certify")]
    [InlineData("--seconds", "0", "--seconds 0")]
    [InlineData("--seconds", "-1", "--seconds -1")]
    [InlineData("--threads", "-1", "--threads -1")]
    [InlineData("--epsilons", "2", "'2' is not a valid epsilon")]
    [InlineData("--norm", "l2", "certify complete is for budgets under linf")]
    [InlineData("--certificates", " ", "--certificates is empty: name a folder")]
    [InlineData("--certificates", "file/in", "/file is not a folder (--certificates)")]
    public void ImpossibleValues_AreRefused(string option, string value, string said)
    {
        File.WriteAllText(_folder.File("file"), "");
        Finished refused = Qsim.RunIn(_folder.Path, [.. Small, option, value]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(said, refused.Error);
        Assert.Single(refused.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("gone.json", "gone.json: there is no such file")]
    [InlineData("words.json", "words.json: is not a certificate, or is damaged")]
    public void Check_WhatIsNoCertificate_IsNamed(string file, string said)
    {
        File.WriteAllText(_folder.File("words.json"), "schema: qsim/study/1");
        Finished refused = Qsim.RunIn(_folder.Path, ["certify", "check", file]);
        Assert.Equal((2, said), (refused.ExitCode, refused.Error.TrimEnd()));
    }

    /// <summary>From the lowest to the highest pixel that an attack may hand in.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(255)]
    [InlineData(15)]
    public void Pixels_ReachAsFarAsTheBudgetOfAttacks(int? levels)
    {
        var choose = new Choices(7);
        TensorType type = new(new(1), 8, false, 1.0 / 255);
        var box = new InputBox(
            new(type, RoundingMode.NearestTiesToEven, OverflowMode.Saturate), levels);
        for (int i = 0; i < 2000; i++)
        {
            float pixel = choose.Chance(0.5)
                ? choose.Between(0, 255) / 255f
                : choose.Real(0, 1);
            double epsilon = choose.Of(0, 1 / 255.0, 8 / 255.0, 0.1, 0.3, choose.Real(0, 1));
            var budget = new Budget(Norm.Linf, new(epsilon)) { PixelLevels = levels };
            Assert.Equal(
                (budget.Nearest(pixel, 0), budget.Nearest(pixel, 1)), box.Pixels(pixel, epsilon));
        }
    }
}
