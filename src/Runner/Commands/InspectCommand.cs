using System.CommandLine;
using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Explanations;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Keys;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Commands;

/// <summary><c>qsim inspect</c>: what a network is, and what hardware makes of it.</summary>
internal static class InspectCommand
{
    private const int MostImages = 100;

    private const string Help = """
          qsim inspect model.onnx                   layers, products, every shipped profile
          qsim inspect model.onnx --data mnist --profile tflite-int8     ranges over images
          qsim inspect model.onnx --golden golden.npz        your logits against QSim's

        golden.npz has the images as the network takes them (x), your logits for them (y) and, where
        wanted, values between layers under the layers' names, [image, channel, row, column] or
        channels last, whichever fits the network and its layers.
        The float network is compared, or with --profile the hardware's logits (scales from --data,
        else from these images). Exit code 1 where a difference is above --tolerance.
        """;

    private static readonly Argument<string> Model = new("network")
    {
        Description = $"The network: {NetworkFile.Supported}; or a preset's name.",
    };

    private static readonly Option<string?> Shape = new("--shape")
    {
        Description =
            "Channels, rows and columns of an image (default: what the file says, or the images).",
        HelpName = "CxRxC",
    };

    private static readonly Option<string?> Images = new("--data")
    {
        Description =
            $"Images for ranges and scales: {DatasetList.Supported} (the first {MostImages} of "
                + "its training images).",
        HelpName = "name|path",
    };

    private static readonly Option<string?> Golden = new("--golden")
    {
        Description = "Your own logits for some images, to compare.",
        HelpName = "file",
    };

    private static readonly Option<double> Tolerance = NumberOption.Of(
        "--tolerance", "number", "The largest difference that passes.", usual: 1e-4);

    private static readonly StudyOptions Asked = new();

    private static readonly Option<bool> AsJson = CommonOptions.Json();

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        Option<string?> folder = CommonOptions.DataFolder();
        var command = new Command(
            "inspect", "Show a network's layers, and what each profile does with it or why not.")
        {
            Model, Asked.Output.Option, Shape, Images, Asked.Named(HardwareKeys.Profiles).Single(),
            Golden, Tolerance, AsJson, folder,
        };
        CommonOptions.Describe(
            command, "--profile",
            $"Profiles to try (default: all that come with QSim).{CommonOptions.AsList}");
        foreach (Option option in Asked.Preprocessing) command.Add(option);
        Examples.AddTo(command, Help);
        command.SetAction(parsed => (int)Run(screen, parsed, parsed.GetValue(folder)));
        return command;
    }

    private static ExitCode Run(Screen screen, ParseResult parsed, string? folder)
    {
        double tolerance = parsed.GetValue(Tolerance);
        if (double.IsNaN(tolerance) || tolerance < 0)
            throw new RequestException(
                FormattableString.Invariant($"--tolerance {tolerance} (supported: 0 or more)"));
        if (parsed.GetValue(Golden) is { } before) DataBytes.Open(before).Dispose();
        string[] listed = [.. Asked.ValuesOf(HardwareKeys.Profiles, parsed).Distinct()];
        HardwareProfile[] named = [.. listed.Select(p => ProfileReader.Read(p))];
        string model = Asked.Output.Of(parsed.GetRequiredValue(Model), isTyped: true, parsed);
        TensorShape? shape = ParseShape(parsed.GetValue(Shape));
        GoldenLogits? golden = parsed.GetValue(Golden) is { } file
            ? GoldenLogits.Read(
                file, GoldenLayout.Of(model), shape ?? GoldenLayout.Declared(model))
            : null;
        StudySettings asked = Asked.Apply(new StudySettings { Network = model }, parsed);
        if (golden is not null && (asked.PixelRange is not null || asked.Preprocess is not null))
            throw new RequestException(
                "--golden has images as the network takes them (supported: without what is done "
                    + "to pixels before)");
        Dataset? data = parsed.GetValue(Images) is { } name
            ? DatasetList.Find(name, asked.PixelRange, asked.Preprocess?.Images)
                .Load(DataFolders.Resolve(folder))
            : null;
        (FloatNetwork network, string? doubt) = Load(model, shape, data, golden);
        network = StudyNetwork.Before(network, asked.PixelRange, asked.Preprocess);
        StudyNetwork.CheckImplies(network, listed);
        StudyNetwork.Warn(
            screen, doubt,
            listed.Length > 0 || golden is not null ? listed : ShippedProfiles.Names);
        named = [.. listed.Select(p => ImpliedProfile.Read(p, network))];
        ReadOnlyMemory<float> images = data is null
            ? golden?.Images
            : data.Train.Pixels.AsMemory(
                0, Math.Min(MostImages, data.Train.Count) * network.Input.Length);
        if (golden is not null)
            return Compare(screen, parsed, golden, network, named, images, tolerance);
        HardwareProfile[] tried = named.Length > 0
            ? named
            : [.. ShippedProfiles.Names.Select(p => ProfileReader.Read(p))];
        var inspection = NetworkInspection.Of(network, images, tried);
        if (parsed.GetValue(AsJson)) screen.Document(Json.Of(inspection));
        else InspectionText.Write(screen, inspection, isSeen: data is not null);
        return ExitCode.Done;
    }

    private static (FloatNetwork Network, string? Doubt) Load(
        string name, TensorShape? shape, Dataset? data, GoldenLogits? golden)
    {
        TensorShape? images = shape ?? data?.Test.Shape ?? golden?.Shape;
        bool isLast = data?.IsChannelsLast ?? golden?.IsChannelsLast ?? false;
        FloatNetwork network;
        string? doubt = null;
        if (NetworkFile.IsPath(name))
        {
            NetworkFile file = NetworkFile.Load(name, images, isLast);
            (network, doubt) = (file.Network, file.Doubt);
        }
        else
        {
            StudyNetwork.CheckName(name);
            network = NetworkPresets.Create(name);
        }

        foreach (TensorShape? other in new[] { data?.Test.Shape, golden?.Shape })
            if (other is { } found && found != network.Input)
                throw new RequestException(
                    $"network '{network.Name}' takes {network.Input} images, but those given are "
                        + $"{found}");
        return (network, doubt);
    }

    private static ExitCode Compare(
        Screen screen, ParseResult parsed, GoldenLogits golden, FloatNetwork network,
        HardwareProfile[] profiles, ReadOnlyMemory<float> images, double tolerance)
    {
        (string Target, GoldenDifference Difference)[] found = profiles.Length == 0
            ? [.. golden.Compare(network).Select(d => ("float", d))]
            : [.. profiles.Select(p => (p.Name, golden.Compare(
                Quantizer.Quantize(network, DatapathCompiler.Compile(p), images))))];
        bool passes = found.All(f => f.Difference.Largest <= tolerance);
        IReadOnlyList<string> ignored = golden.Ignored(network, profiles.Length > 0);
        string? hint = passes ? null : golden.Normalized();
        if (parsed.GetValue(AsJson))
            screen.Document(Json.Of(new
            {
                Tolerance = tolerance,
                Passes = passes,
                Ignored = ignored,
                Hint = hint,
                Differences = found.Select(f => new { f.Target, f.Difference }),
            }));
        else
        {
            InspectionText.Write(screen, found, tolerance);
            if (hint is not null) screen.Line(hint);
            if (ignored.Count > 0)
                screen.Line(profiles.Length > 0
                    ? $"not looked at on hardware, of which logits are compared: "
                        + Brief.List(ignored)
                    : $"not looked at, no layer is called that: {Brief.List(ignored)} (layers: "
                        + $"{Brief.List(network.Layers.Select(l => l.Name))})");
        }

        return passes ? ExitCode.Done : ExitCode.GateFailed;
    }

    private static TensorShape? ParseShape(string? text)
    {
        if (text is null) return null;
        int[] extents = [.. text.Split('x', ',').Select(e => int.TryParse(
            e, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        if (extents.Length is 1 or 3 && extents.All(e => e is > 0 and <= Sizes.MostExtent))
        {
            TensorShape shape = extents is [var features]
                ? new(features)
                : new(extents[0], extents[1], extents[2]);
            return Sizes.WhyNot(shape) is { } large
                ? throw new RequestException($"--shape {text}: {large}")
                : shape;
        }

        throw new RequestException(
            $"--shape {text} (supported: channels, rows and columns, as in 3x32x32; or features)");
    }
}
