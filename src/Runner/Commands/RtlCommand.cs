using System.CommandLine;
using System.Globalization;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Explanations;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Silicon;
using QSim.Runner.Studies;
using QSim.Silicon;

namespace QSim.Runner.Commands;

/// <summary><c>qsim rtl</c>: the profile's multiply-accumulate units as SystemVerilog.</summary>
internal static class RtlCommand
{
    private const int DefaultImages = 4;
    private const string ImagesOption = "--images";

    /// <summary>The profile, unless another is named.</summary>
    private const string Usual = "int8-acc-sat";

    private const int DefaultOutputs = 200;

    private const string WriteHelp = """
          qsim rtl --profile int8-acc-sat --out twin
          qsim rtl --profile my-chip.yaml --network net.onnx --data mine.npz --layer conv2 --out twin
          qsim rtl --profile int4 --mutate 7 --out broken     vectors that a sound testbench must fail
          make -C twin verilator && (cd twin && build/Vbench)

        The folder holds a circuit per layer (rtl/), a testbench that checks itself (tb/), operands and what
        every register must hold (vectors/), a Makefile and a README with the layout of the rows.
        """;

    private const string CheckHelp = """
          qsim rtl check --profile int8-acc-wrap
          qsim rtl check --profile hls4ml-default --simulator icarus --outputs 50
          qsim rtl check --profile int4 --images 10 --outputs 5000

        Exit code 1 where any register differs from the reference backend's.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var command = new Command(
            "rtl", "Write the profile's arithmetic as SystemVerilog, with a testbench.");
        var request = new Request(command);
        var folder = new Option<string>("--out")
        {
            Description = "The folder to write; it must be new or empty.",
            HelpName = "folder",
            Required = true,
        };
        var mutate = new Option<ulong?>("--mutate")
        {
            Description =
                "Write one wrong bit into each layer's expected values, where this seed says: a "
                    + "sound testbench fails.",
            HelpName = "seed",
        };
        command.Add(folder);
        command.Add(mutate);
        Examples.AddTo(command, WriteHelp);
        command.SetAction((parsed, cancellation) =>
        {
            string path = parsed.GetRequiredValue(folder);
            TwinFolder.Check(path);
            using TrainedHardware hardware = request.Hardware(screen, parsed, cancellation);
            TwinSet set = request.Twins(hardware, parsed);
            ulong? seed = parsed.GetValue(mutate);
            TwinFolder.Write(path, hardware.Program.Name, set, cancellation, seed);
            Print(screen, set);
            foreach (ITwin twin in seed is null ? [] : set.Twins)
                screen.Line(
                    $"{twin.Name}: wrong on purpose: {twin.MutationPlace(seed!.Value)}");
            screen.Line($"{path}: see its README.md; 'make verilator' or 'make icarus' there");
        });
        command.Add(CreateCheck(screen));
        return command;
    }

    private static Command CreateCheck(Screen screen)
    {
        var command = new Command(
            "check", "Simulate the SystemVerilog and hold every register against the reference.");
        var request = new Request(command);
        var simulator = new Option<string>("--simulator")
        {
            Description = "verilator or icarus.",
            HelpName = "name",
            DefaultValueFactory = _ => RtlSimulator.Names[0],
        };
        command.Add(simulator);
        Examples.AddTo(command, CheckHelp);
        command.SetAction((parsed, cancellation) =>
        {
            string name = RtlSimulator.Checked(parsed.GetRequiredValue(simulator));
            using TrainedHardware hardware = request.Hardware(screen, parsed, cancellation);
            TwinSet set = request.Twins(hardware, parsed);
            DirectoryInfo folder = Directory.CreateTempSubdirectory("qsim-rtl");
            try
            {
                TwinFolder.Write(
                    folder.FullName, hardware.Program.Name, set, cancellation);
                return Simulate(screen, set, name, folder.FullName, cancellation);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private static ExitCode Simulate(
        Screen screen, TwinSet set, string simulator, string folder, CancellationToken cancellation)
    {
        SimulatorRun? done = null;
        ProgressDisplay.Run(screen, progress => done = RtlSimulator.Run(
            simulator, folder, set.Twins.Select(t => t.Name), progress, cancellation));
        SimulatorRun run = done!;
        Print(screen, set);
        foreach ((ITwin twin, TwinResult result) in set.Twins.Zip(run.Results))
            screen.Line(
                result.Passed ? $"{twin.Name}: every register equal"
                : result.FirstDifference is { } line ? $"{twin.Name}: {twin.Explain(line)}"
                : $"{twin.Name}: the testbench did not finish");
        long updates = set.Twins.Sum(t => t.Updates);
        screen.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{updates} updates compared, {updates / run.Seconds / 1e6:F2} million a second "
                + $"({simulator}, built in {run.BuildSeconds:F1} s)"));
        return run.Results.All(r => r.Passed) ? ExitCode.Done : ExitCode.GateFailed;
    }

    private static void Print(Screen screen, TwinSet set)
    {
        new TextTable(
            ["layer", "circuit", "outputs", "updates"],
            [
                .. set.Twins.Select(t => new[]
                {
                    t.Name, t.Description, Text(t.Outputs.Count), Text(t.Updates),
                }),
                .. set.Without.Select(w => new[] { w.Layer, $"none: {w.Reason}", "", "" }),
            ])
        {
            RightAligned = new HashSet<int> { 2, 3 },
        }.Write(screen);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What both commands ask for.</summary>
    private sealed class Request
    {
        private readonly StudyOptions _study = new();
        private readonly Option<string?> _folder = CommonOptions.DataFolder();
        private readonly Option<string?> _cache = CommonOptions.Cache();
        private readonly Option<string?> _layer = CommonOptions.Layer();
        private readonly Option<int> _outputs = new("--outputs")
        {
            Description = "Outputs of each layer to compare.",
            HelpName = "n",
            DefaultValueFactory = _ => DefaultOutputs,
        };

        private readonly Option<int> _images = new(ImagesOption)
        {
            Description = "Images to take operands from.",
            HelpName = "n",
            DefaultValueFactory = _ => DefaultImages,
        };

        public Request(Command command)
        {
            foreach (Option<int> option in new[] { _outputs, _images })
                option.Validators.Add(result =>
                {
                    // What is no number at all has its own message.
                    if (result.Tokens is [var token]
                        && int.TryParse(token.Value, CultureInfo.InvariantCulture, out int n)
                        && n < 1)
                        result.AddError($"{option.Name}: 1 or more is needed");
                });
            IEnumerable<Option> hardware =
                _study.HardwareOf(Usual).Where(o => o.Name != ImagesOption);
            Option[] rest =
                [_layer, _images, _outputs, _folder, _cache, CommonOptions.Quiet()];
            foreach (Option option in hardware.Concat(rest)) command.Add(option);
        }

        public TrainedHardware Hardware(
            Screen screen, ParseResult parsed, CancellationToken cancellation) =>
            TrainedHardware.Create(
                screen,
                StudyInputs.Read(
                    _study.Apply(new StudySettings { Profiles = [Usual] }, parsed) with
                    {
                        Images = parsed.GetValue(_images),
                        IsImagesSaid = parsed.GetResult(_images) is { Implicit: false },
                    },
                    DataFolders.Resolve(parsed.GetValue(_folder)), backend: null),
                images: [], parsed.GetValue(_layer),
                CommonOptions.OpenCache(parsed.GetValue(_cache)), cancellation);

        public TwinSet Twins(TrainedHardware hardware, ParseResult parsed) =>
            TwinSet.Of(hardware, parsed.GetValue(_layer), parsed.GetValue(_outputs));
    }
}
