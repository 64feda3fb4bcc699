using QSim.Runner.Studies.Recipes;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies;

/// <summary>Every key of a study file.</summary>
public static class StudyKeys
{
    /// <summary>The version of the format.</summary>
    public const string Schema = "qsim/study/1";

    /// <summary>
    /// The key whose own keys are a profile's; <see cref="Sweeps.SweepReader"/> reads it.
    /// </summary>
    public const string Sweep = "sweep";

    private const int MostItems = 1000;
    private static readonly WordType Threat = new(["hardware", "transfer", "score", "label"]);

    /// <summary>The document.</summary>
    public static MapType Root { get; } =
        new([
            new("schema", new WordType([Schema]), "The version of the format.")
            {
                IsRequired = true,
            },
            new("name", new TextType(60, IsName: true), "The study's name, for reports."),
            new(
                "data", new TextType(1000),
                "The dataset: a name, or a FILE.npz or folder of PNG images beside this one."),
            new(
                "network", new TextType(1000),
                "The network: a preset to train, or a .onnx or .yaml file beside this one."),
            new(
                "epochs", new IntegerType(1, StudyInputs.MostEpochs),
                "Passes of training over the training images."),
            new(
                "training", RecipeKeys.Training,
                "How the network is trained: see studies/README.md."),
            new("seed", new IntegerType(0, long.MaxValue), "The key of every random choice."),
            new(
                "seeds", new ListType(new IntegerType(0, long.MaxValue), MostItems),
                "Several: each trains a network."),
            new(
                "images", new IntegerType(1, 10_000_000),
                "Test images to attack, from the first on."),
            new(
                "calibration_images", new IntegerType(1, 10_000_000),
                "Training images that scales are calibrated on."),
            new(
                "profiles", new ListType(new TextType(1000), MostItems),
                "Hardware: shipped names, or files beside this one."),
            new(
                "attacks", new ListType(new TextType(60), MostItems),
                "Attacks, as in fgsm or pgd-20."),
            new("threat", Threat, "What the attacker knows."),
            new("threats", new ListType(Threat, MostItems), "Several threat models."),
            new(
                "compare", new TextType(200),
                "Pairs to test image by image: float, all, or a swept key."),
            new("norm", new WordType(["linf", "l2", "l1"]), "How budgets are measured."),
            new(
                "epsilons", new ListType(new TextType(60), MostItems),
                "Budgets under the norm, as in 8/255."),
            new(
                "restarts", new IntegerType(1, 1000),
                "Times that attacks with random starts are made anew."),
            new(
                "pixel_levels", new IntegerType(1, AttackChecks.MostPixelLevels),
                "Attackers send integer pixels up to this, as in 255."),
            new(
                "eot_draws", new IntegerType(1, AttackChecks.MostDraws),
                "Draws that stochastic rounding is attacked over in expectation."),
            new("transfer_matrix", new BooleanType(), "Every target's images on every target too."),
        ]);
}
