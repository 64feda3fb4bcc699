using System.Globalization;
using QSim.Runner.Data;
using QSim.Runner.Data.Pixels;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Runner.Studies.Keys;

/// <summary>The keys of a study's <c>preprocess</c>: what is done to images first.</summary>
internal static class PreprocessKeys
{
    private const int MostChannels = 1024;
    private const double MostScale = 1e6;

    private static ListType Sizes =>
        new(new IntegerType(1, ImageGeometry.MostPixels), 2) { TakesOne = true };

    private static readonly StudyKey[] Images =
    [
        new(
            "layout", Words(Snake<ChannelLayout>()),
            "Where arrays of a FILE.npz have their channels, if shapes leave it open: "
                + "channels_first or channels_last.",
            new("channels_last"))
        {
            Option = "--layout",
            ValueName = "where",
            IsOfHardware = true,
            Set = (study, values) => OfImages(study, i => i with
            {
                Layout = Word<ChannelLayout>("layout", values),
            }),
        },
        new(
            "resize", Sizes,
            "Resize images: one number for the shorter side, as torchvision's Resize, or rows and "
                + "columns.",
            new("256"))
        {
            Option = "--resize",
            IsOfHardware = true,
            KeepsRepeats = true,
            Set = (study, values) => Sized(study, values, (i, s) => i with { Resize = s }),
        },
        new(
            "interpolation", Words(EnumWord.All<Interpolation>()),
            "How, by Pillow's names: nearest, bilinear, bicubic, box, hamming or lanczos "
                + "(default: bilinear).",
            new("bilinear"))
        {
            Option = "--interpolation",
            ValueName = "how",
            IsOfHardware = true,
            Set = (study, values) => OfImages(study, i => i with
            {
                Interpolation = EnumWord.Parse<Interpolation>("interpolation", values[0]),
            }),
        },
        new(
            "antialias", Words(["true", "false"]),
            "Whether filters widen where images get smaller, as Pillow's and torchvision's do "
                + "(default: true); Keras' Resizing and PyTorch's interpolate do not.",
            new("true"))
        {
            Option = "--antialias",
            ValueName = "true|false",
            IsOfHardware = true,
            Set = (study, values) => OfImages(study, i => i with
            {
                Antialias = Word("antialias", values, ["true", "false"]) == 0,
            }),
        },
        new(
            "crop", Sizes,
            "Part from the middle, after resizing: one number for both sides, as torchvision's "
                + "CenterCrop, or rows and columns.",
            new("224"))
        {
            Option = "--crop",
            IsOfHardware = true,
            KeepsRepeats = true,
            Set = (study, values) => Sized(study, values, (i, s) => i with { Crop = s }),
        },
        new(
            "channel_order", Words(EnumWord.All<ChannelOrder>()),
            "Order of three channels that the network takes: rgb, as files have them (default), "
                + "or bgr.",
            new("bgr"))
        {
            Option = "--channel-order",
            ValueName = "order",
            IsOfHardware = true,
            Set = (study, values) => OfImages(study, i => i with
            {
                Order = EnumWord.Parse<ChannelOrder>("channel order", values[0]),
            }),
        },
    ];

    private static readonly StudyKey[] Numbers =
    [
        new(
            "scale", new NumberType(0, MostScale),
            "What white is to the mean and deviation, 255 where they are in bytes (default: 1).",
            new("1"))
        {
            Option = "--pixel-scale",
            IsOfHardware = true,
            Set = (study, values) => With(study, p => p with
            {
                Scale = Preprocess.Numbers("pixel scale", values, isPositive: true)[0],
            }),
        },
        OfPixels(
            "mean", "Mean that is subtracted from pixels before a trained network",
            (p, values) => p with
            {
                Mean = Preprocess.Numbers("pixel mean", values, isPositive: false),
            }),
        OfPixels(
            "std", "Deviation by which pixels are divided then",
            (p, values) => p with
            {
                Std = Preprocess.Numbers("pixel std", values, isPositive: true),
            }),
    ];

    /// <summary>The key, with keys of its own.</summary>
    public static StudyKey Key { get; } = new(
        "preprocess",
        new MapType([.. Images.Concat(Numbers).SelectMany(p => p.Specs())]),
        "What is done to images before the network; budgets are those of pixels in 0..1.",
        new(
            "", "as torchvision's transforms; (pixel * scale - mean) / std",
            "  resize: 256                # the shorter side; interpolation, antialias",
            "  crop: 224                  # from the middle; also layout, channel_order",
            "  mean: [0.485, 0.456, 0.406]",
            "  std: [0.229, 0.224, 0.225]"))
    {
        Parts = [.. Images, .. Numbers],
        IsOfHardware = true,
        Set = (study, _) => study,
    };

    private static WordType Words(string[] words) => new([.. words]);

    private static StudyKey OfPixels(
        string name, string help, Func<Preprocess, IReadOnlyList<string>, Preprocess> set) =>
        new(
            name, new ListType(new TextType(30), MostChannels) { TakesOne = true },
            $"{help}: one number, or one per channel.", new("[0.5]"))
        {
            Option = $"--pixel-{name}",
            IsOfHardware = true,
            KeepsRepeats = true,
            Set = (study, values) => With(study, p => set(p, values)),
        };

    private static StudySettings With(StudySettings study, Func<Preprocess, Preprocess> change) =>
        study with { Preprocess = change(study.Preprocess ?? new()).OrNone() };

    private static StudySettings OfImages(
        StudySettings study, Func<ImageGeometry, ImageGeometry> change) =>
        study with
        {
            Preprocess = (study.Preprocess ?? new()) is var p
                ? p with { Images = change(p.Images ?? new()) }
                : null,
        };

    private static StudySettings Sized(
        StudySettings study, IReadOnlyList<string> values,
        Func<ImageGeometry, IReadOnlyList<int>, ImageGeometry> set)
    {
        int[] sizes = [.. values.Select(v => int.TryParse(
            v, NumberStyles.None, CultureInfo.InvariantCulture, out int size)
                ? size
                : throw ImageGeometry.NoSize(string.Join(',', values)))];
        StudySettings sized = OfImages(study, i => set(i, sizes));
        sized.Pictures.Check();
        return sized;
    }

    private static T Word<T>(string what, IReadOnlyList<string> values) where T : struct, Enum =>
        Enum.GetValues<T>()[Word(what, values, Snake<T>())];

    private static int Word(string what, IReadOnlyList<string> values, string[] words) =>
        Array.IndexOf(words, values[0]) is var at and >= 0
            ? at
            : throw new RequestException(
                $"unknown {what} '{values[0]}'{Suggestion.Hint(values[0], words)} (supported: "
                    + $"{string.Join(", ", words)})");

    /// <summary>Words of an enumeration with underscores between their parts.</summary>
    private static string[] Snake<T>() where T : struct, Enum =>
    [
        .. Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName),
    ];
}
