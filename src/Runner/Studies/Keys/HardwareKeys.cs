using System.Globalization;
using QSim.Runner.Data;
using QSim.Runner.Studies.Recipes;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Keys;

/// <summary>The keys that make trained networks on hardware.</summary>
internal static class HardwareKeys
{
    /// <summary>More than any dataset has.</summary>
    public const int MostImages = 10_000_000;

    /// <summary>The key that names the network.</summary>
    public const string Network = "network";

    /// <summary>The key of the profiles.</summary>
    public const string Profiles = "profiles";

    /// <summary>The keys.</summary>
    public static IEnumerable<StudyKey> All => [.. Networks, PreprocessKeys.Key, .. Numbers];

    private static IEnumerable<StudyKey> Networks =>
    [
        new("data", new TextType(1000), $"Dataset: {DatasetList.Supported}.", new("digits"))
        {
            Option = "--data",
            ValueName = "name|path",
            IsOfHardware = true,
            Set = (study, values) => study with { Dataset = values[0] },
            Check = (_, name) => DatasetList.Find(name),
            IsPath = name => !DatasetList.All.Any(s => s.Name == name),
        },
        new(
            "pixel_range", new ListType(new TextType(30), 2),
            "Black and white in float images that are not in 0..1, as in -1,1 or 0,255; they are "
                + "mapped to 0..1, and budgets are shares of the range.",
            new("[0, 1]", "of a FILE.npz of floats, [-1, 1] for example"))
        {
            Option = "--pixel-range",
            IsOfHardware = true,
            Set = (study, values) => study with
            {
                PixelRange = PixelRange.Parse(values) is var range && range.IsUnit ? null : range,
            },
        },
        new(
            "label_map", new ListType(new TextType(200), LabelMap.MostClasses),
            "Class of the network for each class of the data in order, or NAME=CLASS where "
                + "classes have names (default: the same).",
            new("[281, 207]", "or [cat=281, dog=207]"))
        {
            Option = "--label-map",
            IsOfHardware = true,
            KeepsRepeats = true,
            Set = (study, values) => study with { LabelMap = values, LabelMapPlaces = [] },
            SetPlaces = (study, places) => study with { LabelMapPlaces = places },
        },
        new(
            Network, new TextType(1000),
            $"Network: one to train ({string.Join(", ", NetworkPresets.Names)}), or a trained one: "
                + $"{NetworkFile.Supported}.",
            new("digits-cnn", "or a trained one: a .onnx or .yaml file"))
        {
            Option = "--network",
            ValueName = "name|path",
            IsOfHardware = true,
            Set = (study, values) => study with { Network = values[0] },
            Check = (_, name) => StudyNetwork.CheckName(name),
            IsPath = NetworkFile.IsPath,
        },
        new(
            Profiles, new ListType(new TextType(1000), StudyKey.MostItems),
            "Hardware profiles: shipped names or YAML files, or from-model for what a quantized "
                + "network implies (default: int8-wide, int4, int8-acc-wrap, int8-acc-sat).",
            new("[int8-wide, my-chip.yaml]"))
        {
            Option = "--profile",
            IsOfHardware = true,
            Set = (study, values) => study with { Profiles = values },
            IsPath = _ => true,
        },
        new(
            RecipeKeys.Key, RecipeKeys.Training, "How the network is trained.",
            new(
                "", "how it is trained: studies/README.md has every key",
                "  validation: 200            # last training images held out; the best is kept",
                "  patience: 5                # stop after so many epochs without a better one",
                "  quantize: all              # training sees each profile's formats")),
    ];

    private static IEnumerable<StudyKey> Numbers =>
    [
        new(
            "epochs", new IntegerType(1, RecipeKeys.MostEpochs),
            "Number of epochs of training (default: 60).", new("60"))
        {
            Option = "--epochs",
            IsOfHardware = true,
            Set = (study, values) => study with { Epochs = Whole(values) },
            Get = study => $"{study.Epochs}",
        },
        new(
            "seed", new IntegerType(0, long.MaxValue),
            "Random seed: the same seed gives the same results.json (default: 1).",
            new("1", "or seeds: [1, 2, 3], each trains a network"))
        {
            Several = "seeds",
            Option = "--seed",
            IsOfHardware = true,
            Set = (study, values) => study with
            {
                Seeds = [.. values.Select(v => ulong.Parse(v, CultureInfo.InvariantCulture))],
            },
            Get = study => $"{study.Seeds.Max()}",
        },
        new(
            "images", new IntegerType(1, MostImages),
            "Number of test images, from the first (default: 500, or all).",
            new("500"))
        {
            Option = "--images",
            IsOfHardware = true,
            Set = (study, values) => study with { Images = Whole(values), IsImagesSaid = true },
        },
        new(
            "skip_images", new IntegerType(0, MostImages),
            "Number of test images to leave out before the first (default: 0).", new("0"))
        {
            Option = "--skip-images",
            IsOfHardware = true,
            Set = (study, values) => study with { SkipImages = Whole(values) },
            Get = study => $"{study.SkipImages}",
        },
        new(
            "calibration_images", new IntegerType(1, MostImages),
            "Number of training images that scales are calibrated on (default: 256, or all "
                + "that there are).", new("256"))
        {
            Option = "--calibration-images",
            IsOfHardware = true,
            Set = (study, values) => study with
            {
                CalibrationImages = Whole(values),
                IsCalibrationImagesSaid = true,
            },
        },
    ];

    private static int Whole(IReadOnlyList<string> values) =>
        int.Parse(values[0], CultureInfo.InvariantCulture);
}
