using System.CommandLine;
using System.Text;
using QSim.Kernels.Datapath;
using QSim.Runner.CommandLine;
using QSim.Runner.Conformance;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Simulator;
using QSim.Simulator.Arrays;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Networks.Files.Onnx;
using QSim.Simulator.Profiles;
using QSim.Simulator.Quantization;

namespace QSim.Runner.Commands;

/// <summary><c>qsim export</c>: a network on a profile as a file for other tools.</summary>
internal static class ExportCommand
{
    private const string Help = """
          qsim export model.onnx --profile tflite-int8 --data mnist --out net.yaml
          qsim export model.onnx --profile onnxruntime-qlinear --data mnist --out net.onnx
          qsim export net.yaml --profile my-chip.yaml --out program.npz

        The ending says the format. FILE.yaml, with FILE.npz beside it, is qsim/integer-network/1:
        raw weights, biases, multipliers and shifts; it is written only where reading it back gives
        the same program. FILE.onnx has QuantizeLinear and DequantizeLinear around every layer:
        weights, scales and zero points, but not the profile's rounding, overflow and accumulators;
        signs and dropped bits are QONNX's BipolarQuant and Trunc, which ONNX has no operators for;
        a network with scales of each image has DynamicQuantizeLinear and integers' operators.
        FILE.npz has everything that 'qsim explain taps' writes of a program. Scales come from
        --data, but for networks that are quantized already.
        """;

    private static readonly Argument<string> Model = new("network")
    {
        Description = $"The network: {NetworkFile.Supported}.",
    };

    private static readonly Option<string> Profile = new("--profile")
    {
        Description = "The hardware: a shipped profile's name, a file, or from-model.",
        HelpName = "name|path",
        Required = true,
    };

    private static readonly Option<string?> Images = new("--data")
    {
        Description = $"Images that scales are chosen from: {DatasetList.Supported}.",
        HelpName = "name|path",
    };

    private static readonly Option<string> Out = new("--out")
    {
        Description = "The file: .yaml, .onnx or .npz.",
        HelpName = "file",
        Required = true,
    };

    private static readonly StudyOptions Asked = new();

    private static readonly Option<bool> Overwrite = new("--overwrite")
    {
        Description = "Replace files that are there.",
    };

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        Option<string?> folder = CommonOptions.DataFolder();
        var command = new Command(
            "export", "Write a network on a profile for other tools: integers, ONNX, npz.")
        {
            Model, Asked.Output.Option, Profile, Images, Out, Overwrite, folder,
        };
        foreach (Option option in Asked.Named("calibration_images").Concat(Asked.Preprocessing))
            command.Add(option);
        Examples.AddTo(command, Help);
        command.SetAction(parsed => (int)Run(screen, parsed, parsed.GetValue(folder)));
        return command;
    }

    private static ExitCode Run(Screen screen, ParseResult parsed, string? folder)
    {
        string path = parsed.GetRequiredValue(Out),
            name = Asked.Output.Of(parsed.GetRequiredValue(Model), isTyped: true, parsed);
        Action<Exported> write = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".yaml" or ".yml" => e => Integers(screen, e, path),
            ".onnx" => e => Onnx(screen, e, path),
            ".npz" => e => Npz(screen, e, path),
            _ => throw new RequestException(
                $"--out {path}: the ending says the format (supported: .yaml, .onnx, .npz)"),
        };
        WholeFile.Check(path);
        if (!parsed.GetValue(Overwrite))
            foreach (string file in (string[])[path, Companion(path)])
                if (new FileInfo(file) is { Exists: true, Length: > 0 })
                    throw new RequestException(
                        $"{file}: is there already (supported: another --out, or --overwrite)");
        string reference = parsed.GetRequiredValue(Profile);
        ProfileReader.Read(reference);
        if (!NetworkFile.IsPath(name))
            throw new RequestException($"network '{name}' (supported: {NetworkFile.Supported})");
        StudySettings asked = Asked.Apply(new StudySettings { Network = name }, parsed);
        Dataset? data = parsed.GetValue(Images) is { } images
            ? DatasetList.Find(images, asked.PixelRange, asked.Preprocess?.Images)
                .Load(DataFolders.Resolve(folder))
            : null;
        NetworkFile loaded = NetworkFile.Load(
            name, data?.Test.Shape, data?.IsChannelsLast ?? false);
        FloatNetwork network = StudyNetwork.Before(
            loaded.Network, asked.PixelRange, asked.Preprocess);
        StudyNetwork.Warn(screen, loaded.Doubt, [reference]);
        StudyNetwork.CheckImplies(network, [reference]);
        bool calibrates = Quantizer.Calibrates(network);
        if (calibrates && data is null)
            throw new RequestException(
                (network.IsQuantized
                    ? $"network '{network.Name}' does not quantize its image"
                    : $"network '{network.Name}' is not quantized")
                    + ", and --data is missing: scales are chosen from images");
        Datapath datapath = DatapathCompiler.Compile(ImpliedProfile.Read(reference, network));
        QuantizedProgram program = Quantizer.Quantize(
            network, datapath,
            calibrates ? Calibration(asked, data!) : new float[network.Input.Length]);
        try
        {
            write(new(network, datapath, program));
        }
        catch (NotSupportedException e)
        {
            throw new RequestException($"--out {path}: {e.Message}");
        }

        return ExitCode.Done;
    }

    private static ReadOnlyMemory<float> Calibration(StudySettings asked, Dataset data)
    {
        asked = asked.Fitted(data.Test.Count, data.Train.Count);
        StudyInputs.CheckCalibration(asked, data);
        return data.Train.Slice(0, asked.CalibrationImages).Pixels;
    }

    private static void Integers(Screen screen, Exported what, string path)
    {
        string weights = Companion(path);
        WholeFile.Check(weights);
        string yaml, reason;
        byte[] npz;
        try
        {
            (yaml, npz, QuantizedProgram back) = IntegerNetwork.Write(
                what.Program, what.Network, what.Datapath, Path.GetFileName(weights));
            reason = ProgramDifference.Of(what.Program, back) ?? "";
        }
        catch (InputException e)
        {
            // Nobody has the file yet: which line of it is wrong says nothing.
            InputError first = e.Errors[0] with { File = "ready-made integers", Line = 0 };
            throw new NotSupportedException($"{first}; .onnx and .npz have other limits");
        }
        catch (QuantizationException e)
        {
            throw new NotSupportedException(e.Message.Split('\n')[0]);
        }

        if (reason.Length > 0)
            throw new NotSupportedException(
                $"the file would not give back the same program on {what.Datapath.Name}: {reason}");
        WholeFile.Deliver(
            (weights, s => s.Write(npz)), (path, s => s.Write(Encoding.UTF8.GetBytes(yaml))));
        screen.Line($"{path}, {weights}: {what.Program.Layers.Length} layers; read back, the same "
            + $"program on {what.Datapath.Name}");
    }

    /// <summary>The file of arrays beside a YAML file; any other is whole by itself.</summary>
    private static string Companion(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml"
            ? Path.ChangeExtension(path, ".npz")
            : path;

    private static void Onnx(Screen screen, Exported what, string path)
    {
        byte[] model = QdqWriter.Write(what.Program, what.Network);
        WholeFile.Deliver(path, s => s.Write(model));
        bool isDynamic = what.Network.Layers.Any(
            l => l is Simulator.Networks.DynamicQuantizeLayer);
        screen.Line($"{path}: {what.Program.Layers.Length} layers; "
            + (isDynamic
                ? "its own integers; each image decides scales and zero points"
                : $"integers, scales and zero points of {what.Datapath.Name}"));
        screen.Note("its rounding, overflow and accumulators are not in the file: the program "
            + "that runs it has its own");
        if (!isDynamic && OfPixels(what.Program.Input) is { } pixels) screen.Note(pixels);
        if (OfWeights(what.Program) is { } weights) screen.Note(weights);
    }

    /// <summary>What ONNX Runtime itself does to large weights on some processors.</summary>
    private static string? OfWeights(QuantizedProgram program)
    {
        // Two products of such a weight and 255 leave 16 bits.
        const int Most = 64;
        int layers = program.Layers.OfType<MacLayer>().Count(l =>
            l is { WeightsSigned: true, WeightBits: <= 8, Input.Bits: 8 }
            && l.Weights.Any(w => w is < -Most or > Most));
        return layers == 0
            ? null
            : $"weights: of {layers} layers they are beyond {Most}, and ONNX Runtime may saturate "
                + "sums of two products in 16 bits on processors with AVX2 and without VNNI, "
                + "where hardware does not (its session.x64quantprecision: 1 avoids it)";
    }

    /// <summary>What pixels become in an ONNX file, unless every one becomes what it should.
    /// </summary>
    private static string? OfPixels(InputStage stage)
    {
        double step = QdqWriter.StepOf(stage);

        // Of one bit with a sign signs are taken, in the file as well.
        if (stage.Type.IsFloat32 || stage.Type is { Bits: 1, IsSigned: true }
            || QdqPixels.AreExact(stage, step))
            return null;
        const string How = "QuantizeLinear divides in float32 and rounds ties to even";
        IReadOnlyList<PixelDifference> apart = QdqPixels.Differences(stage, step);
        return apart.Count == 0
            ? "pixels: all 256 bytes over 255 become the hardware's raw values in the file; other "
                + $"floats next to a tie may be a step apart, since {How}"
            : $"pixels: {apart.Select(d => d.Byte).Distinct().Count()} of 256 bytes over 255 "
                + $"become other raw values in the file, since {How}: the first, "
                + $"{apart[0].Byte}, is {apart[0].Hardware} in hardware and {apart[0].File} there";
    }

    private static void Npz(Screen screen, Exported what, string path)
    {
        WholeFile.Deliver(path, s => NpzFile.Write(s, ProgramArrays.Of(what.Program)));
        screen.Line($"{path}: {what.Program.Layers.Length} layers of {what.Program.Name}");
    }

    private sealed record Exported(
        FloatNetwork Network, Datapath Datapath, QuantizedProgram Program);
}
