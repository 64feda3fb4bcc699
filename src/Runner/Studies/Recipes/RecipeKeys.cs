using System.Globalization;
using QSim.Attacks.Evaluation;
using QSim.Simulator;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Recipes;

/// <summary>The keys of a study's <c>training</c>, and what they come to.</summary>
internal static class RecipeKeys
{
    /// <summary>The key of a study.</summary>
    public const string Key = "training";

    /// <summary>Most epochs of training.</summary>
    public const int MostEpochs = 100_000;

    private const int MostImages = 10_000_000;

    private static readonly MapType Adversarial = new(
    [
        new("epsilon", new TextType(60), "L-infinity budget, as in 8/255.") { IsRequired = true },
        new("steps", new IntegerType(1, 1000), "Number of steps of PGD.") { Default = "7" },
        new(
            "step", new TextType(60),
            "Length of a step; without it 2.5 epsilon over the number of steps."),
    ]);

    /// <summary>The mapping.</summary>
    public static MapType Training { get; } =
        new([
            new(
                "optimizer", new WordType([TrainingRecipe.Adam, TrainingRecipe.Sgd]),
                "Optimizer.")
            {
                Default = TrainingRecipe.Adam,
            },
            new(
                "learning_rate", new NumberType(0, 10),
                "Step size; without it 0.001 for adam, 0.01 for sgd."),
            new("momentum", new NumberType(0, 1), "Momentum.")
            {
                Default = "0.9",
                When = new("optimizer", TrainingRecipe.Sgd),
            },
            new(
                "weight_decay", new NumberType(0, 1),
                "Weight decay (L2)."),
            new("batch", new IntegerType(1, 65_536), "Batch size.") { Default = "32" },
            new(
                "epochs", new IntegerType(1, MostEpochs),
                "Maximum number of epochs."),
            new(
                "validation",
                new NumberType(0, MostImages),
                "Last training images held out: a number, or a share below 1. The best epoch on "
                    + "them is kept."),
            new(
                "patience", new IntegerType(1, MostEpochs),
                "Stop after so many epochs without a better one on the images held out."),
            new(
                "clip", new NumberType(0, 1000),
                "Weights and biases stay between this and its negative."),
            new(
                "quantize", new WordType(["none", "weights", "all"]),
                "What training sees of each profile.")
            {
                Default = "none",
            },
            new(
                "warm_start", new BooleanType(),
                "Whether networks for a profile start as the float one.")
            {
                Default = "true",
                When = new("quantize", "weights", "all"),
            },
            new("adversarial", Adversarial, "Train on adversarial images."),
        ]);

    /// <summary>The recipe of a study; null where it says nothing.</summary>
    public static TrainingRecipe? Read(MapNode root, List<InputError> errors)
    {
        if (root[Key] is not MapNode map) return null;
        double validation = Number(map, "validation") ?? 0;
        if (validation > 1 && validation != Math.Floor(validation))
        {
            errors.Add(map["validation"]!.Error(
                $"{map.Text("validation")} is neither a share below 1 nor a whole number"));
        }

        if (validation == 0 && map["patience"] is { } patience)
            errors.Add(patience.Error("has no effect without validation"));
        if (map["epochs"] is { } epochs && root["epochs"] is not null)
            errors.Add(
                epochs.Error("given beside the study's own 'epochs': one of the two is enough"));
        return new()
        {
            Optimizer = map.Text("optimizer") ?? TrainingRecipe.Adam,
            LearningRate = Number(map, "learning_rate"),
            Momentum = Number(map, "momentum") ?? 0,
            WeightDecay = Number(map, "weight_decay") ?? 0,
            Batch = (int)(Number(map, "batch") ?? 1),
            Validation = validation,
            Patience = (int)(Number(map, "patience") ?? 0),
            Clip = Number(map, "clip"),
            Quantize = Enum.TryParse(
                map.Text("quantize"), ignoreCase: true, out HardwareInTraining seen)
                ? seen
                : default,
            WarmStart = map.Text("warm_start") == "true",
            Adversarial = map["adversarial"] is MapNode adversarial
                ? ReadAdversarial(adversarial, errors)
                : null,
        };
    }

    private static AdversarialRecipe? ReadAdversarial(MapNode map, List<InputError> errors)
    {
        if (map.Text("epsilon") is null || map.Text("steps") is null) return null;
        int steps = (int)Number(map, "steps")!.Value;
        Epsilon epsilon = Budget(map, "epsilon", errors);
        Epsilon step = map["step"] is null
            ? new(2.5 * epsilon.Value / steps)
            : Budget(map, "step", errors);
        return new(epsilon, steps, step);
    }

    private static Epsilon Budget(MapNode map, string key, List<InputError> errors)
    {
        try
        {
            return EpsilonList.ParseOne(map.Text(key)!);
        }
        catch (RequestException e)
        {
            errors.Add(map[key]!.Error(e.Message));
            return new(0);
        }
    }

    private static double? Number(MapNode map, string key) =>
        double.TryParse(
            map.Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : null;
}
