using System.CommandLine;
using QSim.Attacks.Evaluation;
using QSim.Runner.Commands;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Keys;
using QSim.Runner.Tests.CommandLine;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Tests.Studies.Keys;

/// <summary>A key that is declared is everywhere.</summary>
public class StudyKeyTests
{
    [Fact]
    public void ExampleFile_OfHelp_IsAStudyThatSaysEveryKey()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder.File("study.yaml"), StudyKeys.ExampleFile());

        StudySettings study = StudyFile.Read(folder.File("study.yaml")).Settings;

        StudySettings quickstart = new();
        Assert.Equal("narrow-accumulators", study.Name);
        Assert.Equal((3, 255, 8), (study.Restarts, study.PixelLevels, study.EotDraws));
        Assert.Equal(2, study.Sweep.Count);
        Assert.Equal(200, study.Recipe.Validation);
        Assert.True(study.TransferMatrix);
        Assert.NotEqual(quickstart.Epsilons, study.Epsilons);
    }

    [Fact]
    public void Help_OfRun_ShowsEveryKeyAndOption()
    {
        string help = Qsim.Run("run", "--help").Out;

        Assert.All(StudyKeys.All, key => Assert.Matches($"(?m)^  {key.Name}:", help));
        Assert.All(
            StudyKeys.All.Where(k => k.Option is not null),
            key => Assert.Contains($"  {key.Option} ", help));
    }

    [Fact]
    public void Cell_EveryKeyOfAttacks_ChangesTheNameOfAttackedCellsOnly()
    {
        CellAddress clean = CellAddress.Clean(1, "float", Norm.Linf);
        var attacked = new CellAddress(
            1, "float", ThreatModel.Hardware, "pgd-20", Epsilon.Parse("8/255"));
        StudyKey[] keys = [.. StudyKeys.All.Where(k => k.IsOfAttack)];

        Assert.Contains(keys, k => k.Name == "eot_draws");
        ContentKeys before = new(Resolved(new()));
        foreach (StudyKey key in keys)
        {
            ContentKeys after = new(Resolved(key.Set!(new(), [key.Example.Value])));
            Assert.Equal(before.Cell(clean), after.Cell(clean));
            Assert.NotEqual(before.Cell(attacked), after.Cell(attacked));
            Assert.NotEqual(before.Images(attacked), after.Images(attacked));
        }
    }

    [Fact]
    public void CommandLine_SaysWhatAFileSays()
    {
        using var folder = new TemporaryFolder();
        var options = new StudyOptions();
        var command = new Command("run");
        foreach (Option option in options.All) command.Add(option);
        foreach (StudyKey key in StudyKeys.All.Where(k => k.Option is not null))
        {
            File.WriteAllText(
                folder.File("study.yaml"),
                $"schema: {StudyKeys.Schema}\nname: quickstart\n{key.Name}: {key.Example.Value}\n");
            string typed = key.Example.Value.Trim('[', ']').Replace(" ", "");

            StudySettings said = options.Apply(
                new(), command.Parse(typed == "true" ? [key.Option!] : [key.Option!, typed]));

            Assert.Equal(
                Json.Of(StudyFile.Read(folder.File("study.yaml")).Settings), Json.Of(said));
        }
    }

    /// <summary>
    /// A file checks every number; one that is typed has to be checked, too, before anything is
    /// trained. How many images there are is known with the data alone.
    /// </summary>
    [Fact]
    public void CommandLine_NumberBelowItsRange_IsRefused()
    {
        var options = new StudyOptions();
        var command = new Command("run");
        foreach (Option option in options.All) command.Add(option);
        (StudyKey Key, IntegerType Range)[] numbers =
        [
            .. from key in StudyKeys.All.SelectMany(k => k.Parts.Prepend(k))
            where key.Option is not null && key.Type is IntegerType
            where key.Name is not ("images" or "calibration_images")
            select (key, (IntegerType)key.Type),
        ];

        Assert.Contains(numbers, n => n.Key.Name == "nodes");
        Assert.All(numbers, number =>
        {
            ParseResult parsed = command.Parse([number.Key.Option!, $"{number.Range.Min - 1}"]);
            if (parsed.Errors.Count > 0) return;
            Assert.Throws<RequestException>(
                () => StudyKeys.CheckRanges(options.Apply(new(), parsed)));
        });
    }

    /// <summary>Only a run without any option is the quickstart.</summary>
    [Theory]
    [InlineData("", "quickstart")]
    [InlineData("--images 20", "digits-cnn on digits")]
    [InlineData("--network nets/a.onnx --data /data/mine.npz", "a.onnx on mine.npz")]
    public void CommandLine_IsCalledByWhatItRuns(string typed, string name)
    {
        var options = new StudyOptions();
        var command = new Command("run");
        foreach (Option option in options.All) command.Add(option);

        Assert.Equal(name, options.Apply(command.Parse(typed)).Name);
    }

    private static ResolvedStudy Resolved(StudySettings settings) => new()
    {
        Settings = settings,
        DataSha256 = "data",
        Classes = 10,
        Engine = "managed",
        Attacks = ["pgd-20"],
        Targets = [ResolvedTarget.FloatNetwork],
    };
}
