using QSim.Attacks.Evaluation;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Recipes;
using QSim.Simulator.Profiles;

namespace QSim.Runner.Tests.Studies.Cells;

public class ContentKeyTests
{
    private static readonly ResolvedStudy Study = new()
    {
        Settings = new(),
        DataSha256 = "data",
        Classes = 10,
        Engine = "managed",
        Attacks = ["fgsm"],
        Targets = [ResolvedTarget.FloatNetwork, new("chip", "chip.yaml", [], "hardware")],
    };

    private static readonly Epsilon Small = Epsilon.Parse("1/255");

    private static readonly TrainingRecipe WarmStart = new()
    {
        Quantize = HardwareInTraining.All,
        WarmStart = true,
    };

    private static readonly CellAddress Chip = new(
        1, "chip", ThreatModel.Hardware, "fgsm", Epsilon.Parse("8/255"));

    [Fact]
    public void Cell_AnythingThatDecidesAboutBits_ChangesTheKey()
    {
        StudySettings settings = Study.Settings;
        ResolvedStudy[] others =
        [
            Study with { DataSha256 = "other" },
            Study with { Engine = "torch" },
            Study with
            {
                Targets = [Study.Targets[0], Study.Targets[1] with { Sha256 = "other" }],
            },
            Study with
            {
                Settings = settings with { Epochs = 2 },
            },
            Study with
            {
                Settings = settings with { Network = "mlp" },
            },
            Study with
            {
                Settings = settings with { Images = 10 },
            },
            Study with
            {
                Settings = settings with { CalibrationImages = 10 },
            },
            Study with
            {
                Settings = settings with { Training = new() { Clip = 1 } },
            },
            Study with
            {
                Settings = settings with
                {
                    Training = new() { Adversarial = new(Small, 7, Small) },
                },
            },
            Study with
            {
                Settings = settings with
                {
                    Training = new() { Quantize = HardwareInTraining.Weights },
                },
            },
            Study with
            {
                Settings = settings with { Training = new() { Quantize = HardwareInTraining.All } },
            },
            Study with
            {
                Settings = settings with { Training = WarmStart },
            },
        ];
        string[] keys =
        [
            Key(Study, Chip),
            .. others.Select(o => Key(o, Chip)),
            Key(Study, Chip with { Seed = 2 }),
            Key(Study, Chip with { Target = "float" }),
            Key(Study, Chip with { Threat = ThreatModel.Transfer }),
            Key(Study, Chip with { Attack = "pgd-20" }),
            Key(Study, Chip with { Epsilon = Epsilon.Parse("9/255") }),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Cell_NamesAndNotationAndOtherCells_DoNotChangeTheKey()
    {
        ResolvedStudy other = Study with
        {
            Settings = Study.Settings with
            {
                Name = "other",
                Attacks = ["pgd"],
                Seeds = [1, 2],
                Epsilons = [],
            },
            Targets = [Study.Targets[0], new("other", "elsewhere/chip.yaml", [], "hardware")],
        };

        Assert.Equal(
            Key(Study, Chip with { Epsilon = Epsilon.Parse("0.5") }),
            Key(other, Chip with { Target = "other", Epsilon = Epsilon.Parse("1/2") }));
    }

    [Fact]
    public void Network_SeenByTheFloatTarget_KnowsNothingOfTheHardware()
    {
        ResolvedStudy other = Study with
        {
            Settings = Study.Settings with { Training = WarmStart },
        };
        ContentKeys keys = new(Study),
            own = new(other);

        Assert.Equal(keys.Network(1), own.Network(1));
        Assert.Equal(keys.Network(1), keys.Network(1, "chip"));
        Assert.NotEqual(own.Network(1), own.Network(1, "chip"));
        Assert.Equal(
            Key(Study, Chip with { Target = "float" }), Key(other, Chip with { Target = "float" }));
    }

    [Fact]
    public void Hardware_SameBitsInOtherWords_HasTheSameDigest()
    {
        string a = Hardware.Sha256(ProfileReader.Read("int8-acc-wrap"));
        string b = Hardware.Sha256(
            ProfileReader.Read(
                "int8-wide", new ProfileOverride("mac.accumulator.bits", "17"),
                new("mac.accumulator.overflow", "WRAP")));

        Assert.Equal(a, b);
        Assert.NotEqual(a, Hardware.Sha256(ProfileReader.Read("int8-acc-sat")));
    }

    [Fact]
    public void Shards_OfEveryCount_ShareOutEveryCellOnce()
    {
        using var folder = new TemporaryFolder();
        CellStore empty = CellStore.Read(folder.Path);
        var plan = new StudyPlan(
            Study with
            {
                Attacks = ["fgsm", "pgd-20"],
                Settings = Study.Settings with
                {
                    Seeds = [1, 2],
                    Threats = [ThreatModel.Hardware, ThreatModel.Transfer],
                    StopAtChance = false,
                },
            });

        for (int count = 1; count <= 12; count++)
        {
            CellAddress[] cells =
            [
                .. Enumerable
                    .Range(1, count)
                    .SelectMany(i =>
                        plan.Rows.SelectMany(r => plan.Missing(r, empty, new Shard(i, count)))),
            ];
            Assert.Equal(plan.Count, cells.Length);
            Assert.Equal(plan.Count, cells.Distinct().Count());
        }
    }

    private static string Key(ResolvedStudy study, CellAddress cell) =>
        new ContentKeys(study).Cell(cell);
}
