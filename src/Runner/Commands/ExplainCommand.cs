using System.CommandLine;
using System.Globalization;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;
using QSim.Runner.CommandLine;
using QSim.Runner.Conformance;
using QSim.Runner.Data;
using QSim.Runner.Explanations;
using QSim.Runner.Output;
using QSim.Runner.Studies;
using QSim.Simulator.Arrays;

namespace QSim.Runner.Commands;

/// <summary><c>qsim explain</c>: what the hardware did to one value of one image.</summary>
internal static class ExplainCommand
{
    /// <summary>The profile, unless another is named: one that overflows.</summary>
    private const string Usual = "int8-acc-wrap";

    private const string OverflowHelp = """
          qsim explain overflow --profile int8-acc-wrap
          qsim explain overflow --profile int8-acc-sat --layer conv2 --stage accumulator
          qsim explain overflow --profile int4 --layer conv1 --image 3 --channel 2 --position 17
          qsim explain overflow --profile int4 --cache runs/mine/cache    that run's network
        """;

    private const string TapsHelp = """
          qsim explain taps --profile int8-acc-wrap --image 3 --out taps.npz
          qsim explain taps --profile int4 --image 0..9 --layer conv1 --out conv1.npz
          qsim explain taps --profile int4 --images 200 --image all --outputs-only --out all.npz

        Arrays: image, the images' indices; input and LAYER.output [image, channel, row, column]; for
        layers with multiply-accumulate units also LAYER.product [.., step], in the order of the
        reduction, and LAYER.accumulator [.., update]. The network as hardware has it: LAYER.weight,
        LAYER.weight_scale, LAYER.bias, LAYER.multiplier, LAYER.shift, LAYER.real_scale, LAYER.table,
        scale and zero_point of every tensor, and meta, which says the rest in JSON.
        'qsim conform' takes the file. Layout: src/Runner/Conformance/README.md
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command(
            "explain", "Show what the hardware did to one value, step by step.");
        command.Add(CreateOverflow(screen));
        command.Add(CreateTaps(screen));
        return command;
    }

    private static Command CreateOverflow(Screen screen)
    {
        var study = new StudyOptions();
        Option<string?> folder = CommonOptions.DataFolder(),
            cache = CommonOptions.Cache();
        var layer = new Option<string?>("--layer")
        {
            Description = "The layer (default: the first that overflows).",
            HelpName = "name",
        };
        var stage = new Option<string?>("--stage")
        {
            Description =
                "product, accumulator or output (default: the first that overflows, accumulators "
                    + "before others).",
            HelpName = "stage",
        };
        Option<int?> image = Index(
            "--image", "The image (default: the first offender's), with --channel and --position.");
        Option<int?> channel = Index("--channel", "The output channel.");
        Option<int?> position = Index(
            "--position", "The output position: row * columns + column.");
        var command = new Command(
            "overflow", "Replay the first value that overflowed, or any other, step by step.");
        Option[] rest =
            [layer, stage, image, channel, position, folder, cache, CommonOptions.Quiet()];
        foreach (Option option in study.HardwareOf(Usual).Concat(rest)) command.Add(option);
        Examples.AddTo(command, OverflowHelp);
        command.SetAction((parsed, cancellation) =>
        {
            EventStage? wanted = parsed.GetValue(stage) is { } name
                ? Offender.ParseStage(name)
                : null;
            int?[] address =
                [parsed.GetValue(image), parsed.GetValue(channel), parsed.GetValue(position)];
            if (address.Any(a => a is not null)
                && (address.Any(a => a is null) || parsed.GetValue(layer) is null))
                throw new RequestException(
                    "--layer, --image, --channel and --position name one value together");
            using TrainedHardware hardware = TrainedHardware.Create(
                screen, Read(study, parsed, folder),
                address[0] is { } asked ? [asked] : [], parsed.GetValue(layer),
                CommonOptions.OpenCache(parsed.GetValue(cache)), cancellation);
            if (address[0] is { } i)
            {
                int index = hardware.LayerIndex(parsed.GetValue(layer)!);
                var element = new ElementAddress(i, address[1]!.Value, address[2]!.Value);
                Replay(screen, hardware, index, element, wanted ?? EventStage.Accumulator);
            }
            else
                ReplayFirst(screen, hardware, parsed.GetValue(layer), wanted);
        });
        return command;
    }

    private static Command CreateTaps(Screen screen)
    {
        var study = new StudyOptions();
        Option<string?> folder = CommonOptions.DataFolder(),
            cache = CommonOptions.Cache();
        Option<string?> layer = CommonOptions.Layer();
        var image = new Option<string>("--image")
        {
            Description = "Images: one, several as in 0,3,8, a range as in 0..9, or all.",
            HelpName = "n",
            DefaultValueFactory = _ => "0",
        };
        var outputsOnly = new Option<bool>("--outputs-only")
        {
            Description = "Leave out products and accumulators, which are many.",
        };
        var output = new Option<string>("--out")
        {
            Description = "The npz to write.",
            HelpName = "file",
            Required = true,
        };
        var command = new Command(
            "taps", "Write the raw value of every register for some images as npz.");
        Option[] rest =
            [layer, image, outputsOnly, output, folder, cache, CommonOptions.Quiet()];
        foreach (Option option in study.HardwareOf(Usual).Concat(rest)) command.Add(option);
        Examples.AddTo(command, TapsHelp);
        command.SetAction((parsed, cancellation) =>
        {
            WholeFile.Check(parsed.GetRequiredValue(output));
            TapRequest request = TapRequest.Parse(
                parsed.GetValue(image)!, !parsed.GetValue(outputsOnly));
            using TrainedHardware hardware = TrainedHardware.Create(
                screen, Read(study, parsed, folder), request.Named,
                parsed.GetValue(layer),
                CommonOptions.OpenCache(parsed.GetValue(cache)), cancellation);
            int[] layers = parsed.GetValue(layer) is { } name
                ? [hardware.LayerIndex(name)]
                : [.. Enumerable.Range(0, hardware.Program.Layers.Length)];
            (string Name, NpyArray Array)[] arrays =
            [
                .. ProgramArrays.Of(hardware.Program).Concat(
                    request.Of(hardware, layers)).Until(cancellation),
            ];
            WholeFile.Deliver(
                parsed.GetRequiredValue(output),
                f => NpzFile.Write(f, arrays.Until(cancellation)));
            Write(screen, arrays);
        });
        return command;
    }

    private static void Write(Screen screen, (string Name, NpyArray Array)[] arrays) =>
        new TextTable(
            ["array", "shape", "type"],
            [
                .. arrays.Select(a => new[]
                {
                    a.Name,
                    string.Join('x', a.Array.Shape.Select(e => Text(e))),
                    a.Array.Type,
                }),
            ]).Write(screen);

    /// <summary>
    /// The study that the options describe; one profile, the wrapping one unless another is named.
    /// </summary>
    private static StudyInputs Read(
        StudyOptions study, ParseResult parsed, Option<string?> folder) =>
        StudyInputs.Read(
            study.Apply(new StudySettings { Profiles = [Usual] }, parsed),
            DataFolders.Resolve(parsed.GetValue(folder)), backend: null);

    private static void ReplayFirst(
        Screen screen, TrainedHardware hardware, string? layer, EventStage? stage)
    {
        foreach (string line in ParameterText.Losses(hardware.Program)) screen.Line(line);
        int? index = layer is null ? null : hardware.LayerIndex(layer);
        Offender[] offenders =
        [
            .. Offender
                .Find(hardware)
                .Where(o =>
                    (index is null || o.Layer == index) && (stage is null || o.Stage == stage)),
        ];
        Offender? first =
            offenders.FirstOrDefault(o => o.Stage == EventStage.Accumulator)
            ?? offenders.FirstOrDefault();
        if (first is null)
        {
            screen.Line(
                $"{hardware.Profile}: nothing overflowed there in {hardware.Images.Count} images");
            return;
        }

        new TextTable(
            ["layer", "stage", "overflowed", "of", "first image", "channel", "position"],
            [
                .. offenders.Select(o =>
                    new[]
                    {
                        hardware.Program.Layers[o.Layer].Name,
                        Offender.NameOf(o.Stage),
                        Text(o.Count),
                        Text(o.Elements),
                        Text(o.First.Image),
                        Text(o.First.Channel),
                        Text(o.First.Position),
                    }),
            ])
        {
            RightAligned = new HashSet<int> { 2, 3, 4, 5, 6 },
        }.Write(screen);
        screen.Line();
        Replay(screen, hardware, first.Layer, first.First, first.Stage);
    }

    private static void Replay(
        Screen screen, TrainedHardware hardware, int index, ElementAddress element,
        EventStage stage)
    {
        if (hardware.Program.Layers[index] is not MacLayer layer)
        {
            screen.Line(
                $"layer {hardware.Program.Layers[index].Name} has no multiply-accumulate unit to "
                    + "replay");
            return;
        }

        TensorShape shape = layer.Output.Shape;
        if (element.Channel >= shape.Channels || element.Position >= shape.Positions)
        {
            throw new RequestException(
                $"layer '{layer.Name}' has channels 0..{shape.Channels - 1} and positions "
                    + $"0..{shape.Positions - 1}");
        }

        long[] input = hardware.Tensors(element.Image)[layer.Inputs[0]];
        TraceText.Write(
            screen, layer, MacTracer.Trace(hardware.Program, index, input, element), element,
            stage);
    }

    private static Option<int?> Index(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "n" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.StartsWith('-'))
                result.AddError($"{name} {token.Value}: 0 or more is needed");
        });
        return option;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
