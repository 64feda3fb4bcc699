using System.CommandLine;
using QSim.Runner.Commands;
using QSim.Runner.Output;

namespace QSim.Runner.Tests.CommandLine;

public class HelpTests
{
    [Fact]
    public void Help_OfRoot_TellsANewcomerWhatToTry()
    {
        Finished help = Qsim.Run("--help");

        Assert.Equal(0, help.ExitCode);
        Assert.Equal("", help.Error);
        foreach (string command in new[] { "run", "profiles", "backends", "data" })
            Assert.Matches($@"(?m)^  {command}\b", help.Out);
        Assert.Contains(
            "Without arguments it runs the quickstart",
            string.Join(' ', help.Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains("Examples:", help.Out);
        Assert.Contains("Exit codes: 0 done, 1 a gate failed, 2 wrong usage or input", help.Out);
    }

    [Fact]
    public void Help_OfRun_ListsEveryOption()
    {
        string help = Qsim.Run("run", "--help").Out;

        string[] options =
        [
            "--profile",
            "--attacks",
            "--epsilons",
            "--images",
            "--seed",
            "--data",
            "--network",
            "--epochs",
            "--backend",
            "--gradients",
            "--threads",
            "--data-dir",
            "--out",
            "--overwrite",
            "--json",
            "--quiet",
        ];
        Assert.All(options, option => Assert.Contains($"  {option} ", help));
    }

    /// <summary>Every command that shows progress can be told not to.</summary>
    [Theory]
    [InlineData("explain overflow --epochs 1 --images 20")]
    [InlineData("explain taps --epochs 1 --images 20 --out taps.npz")]
    [InlineData("rtl --epochs 1 --outputs 2 --out twin")]
    [InlineData("vectors --epochs 1 --images 0 --layer conv1 --out golden")]
    [InlineData("cost --epochs 1 --layer dense2")]
    [InlineData("profiles explain int4 --network digits-cnn")]
    public void Quiet_ShowsNoProgress(string command)
    {
        using var folder = new TemporaryFolder();

        Finished run = Qsim.RunIn(folder.Path, [.. command.Split(' '), "--quiet"]);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("search")]
    [InlineData("sensitivity")]
    [InlineData("submit")]
    [InlineData("work")]
    [InlineData("certify")]
    [InlineData("certify check")]
    [InlineData("attack-check")]
    [InlineData("backends check")]
    [InlineData("rtl check")]
    [InlineData("data get")]
    public void Help_OfWhatTakesTime_HasQuiet(string command) =>
        Assert.Contains("  --quiet ", Qsim.Run([.. command.Split(' '), "--help"]).Out);

    /// <summary>What a command does without --profile, and how many it takes.</summary>
    [Theory]
    [InlineData("vectors", "int8-acc-wrap", true)]
    [InlineData("explain overflow", "int8-acc-wrap", true)]
    [InlineData("explain taps", "int8-acc-wrap", true)]
    [InlineData("rtl", "int8-acc-sat", true)]
    [InlineData("rtl check", "int8-acc-sat", true)]
    [InlineData("cost", "int8-acc-sat", false)]
    [InlineData("attack-check", "those of the study.json beside the file", false)]
    [InlineData("certify check", "those of the study.json beside the files", false)]
    [InlineData("run", "int8-wide, int4, int8-acc-wrap, int8-acc-sat", false)]
    [InlineData("certify", "int8-wide, int4, int8-acc-wrap, int8-acc-sat", false)]
    public void Help_OfProfile_IsThisCommands(string command, string usual, bool isOne)
    {
        string help = Qsim.Run([.. command.Split(' '), "--help"]).Out;
        int at = help.IndexOf("--profile <", StringComparison.Ordinal);
        string profile = string.Join(' ', help[at..].Split("\n  --")[0]
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains($"(default: {usual}).", profile);
        Assert.Contains(isOne ? "<name|path> The hardware" : "<a,b> Hardware profiles", profile);
        Assert.Equal(isOne, !profile.Contains("separate values by commas"));
    }

    [Fact]
    public async Task Help_OfEveryCommand_KeepsWithinAHundredColumns()
    {
        using var output = new StringWriter();
        var screen = new Screen(output, TextWriter.Null, false, false, false);
        string[][] commands = [[], .. CommandList.Create(screen).SelectMany(Paths)];
        Assert.True(commands.Length > 15);
        foreach (string[] command in commands)
            Assert.Equal(0, await Cli.RunAsync([.. command, "--help"], screen));

        Assert.All(output.ToString().Split(['\r', '\n']), l => Assert.InRange(l.Length, 0, 100));
        // What an option is without being given stands once, for each.
        Assert.DoesNotMatch(
            @"\(default[^()]*\)\.?\s+\[default", output.ToString());
        // The option for help itself, once for each.
        Assert.Equal(commands.Length, output.ToString().Split("Show help and usage").Length - 1);
    }

    private static IEnumerable<string[]> Paths(Command command) =>
        command.Subcommands.SelectMany(Paths).Select(p => p.Prepend(command.Name).ToArray())
            .Prepend([command.Name]);

    [Fact]
    public void Version_IsPrinted() => Assert.Matches(@"^\d+\.\d+\.\d+", Qsim.Run("--version").Out);

    [Fact]
    public void Backends_ListsWhatIsAlwaysUsable()
    {
        string list = Qsim.Run("backends").Out;

        Assert.All(
            ["reference", "simd", "managed"], name => Assert.Matches($"(?m)^{name} +yes ", list));
    }

    [Fact]
    public void Profiles_List_ShowsTheFourOfTheQuickstart()
    {
        string list = Qsim.Run("profiles", "list").Out;

        foreach (string name in new[] { "int8-wide", "int4", "int8-acc-wrap", "int8-acc-sat" })
            Assert.Matches($"(?m)^{name} ", list);
    }

    [Fact]
    public void Profiles_Show_PrintsTheFileThatTheProfileIs() => Assert.Equal(
        File.ReadAllText(Path.Combine(Shared.Repository, "hardware-profiles", "int4.yaml")),
        Qsim.Run("profiles", "show", "int4").Out);

    [Fact]
    public void Data_ListsWhatIsInsideAndSaysHowToGetTheRest()
    {
        using var folder = new TemporaryFolder();

        string list = Qsim.Run("data", "--data-dir", folder.Path).Out;

        Assert.Matches("(?m)^digits +inside qsim ", list);
        Assert.Matches("(?m)^mnist +no ", list);
        Assert.Contains("mnist: qsim data get mnist, or put its four files", list);
    }
}
