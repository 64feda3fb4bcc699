using System.CommandLine;
using System.Globalization;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Explanations;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Reports;
using QSim.Runner.Silicon;
using QSim.Runner.Silicon.Vectors;
using QSim.Runner.Studies;

namespace QSim.Runner.Commands;

/// <summary><c>qsim vectors</c>: golden vectors for somebody's own circuit.</summary>
internal static class VectorsCommand
{
    private const string ImagesOption = "--images";

    /// <summary>The profile, unless another is named.</summary>
    private const string Usual = "int8-acc-wrap";

    private const string Help = """
          qsim vectors --profile int8-acc-wrap --layer conv2 --images 0..9 --out golden
          qsim vectors --profile my-chip.yaml --network net.onnx --data mine.npz --out golden
          qsim vectors --profile int4 --layer conv1 --images 0 --updates --out golden
          qsim conform --vectors golden results          what your simulation wrote

        The folder holds what goes in, weights, biases, multipliers and tables, what every register
        must hold and its flags: as npz, CSV and hex for $readmemh, with a README of layout,
        sizes and order, and a manifest. mutated/ is the same but for one bit of one register,
        where --mutate says: a sound testbench fails on it.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var study = new StudyOptions();
        Option<string?> data = CommonOptions.DataFolder(), cache = CommonOptions.Cache();
        Option<string?> layer = CommonOptions.Layer();
        var images = new Option<string>(ImagesOption)
        {
            Description = "Images: one, several as in 0,3,8, a range as in 0..9, or all.",
            HelpName = "n",
            DefaultValueFactory = _ => "0..9",
        };
        var updates = new Option<bool>("--updates")
        {
            Description = "Every product and every update of accumulators, which are many.",
        };
        var mutate = new Option<ulong>("--mutate")
        {
            Description = "Which bit of the mutated set is wrong.",
            HelpName = "seed",
            DefaultValueFactory = _ => 1,
        };
        var output = new Option<string>("--out")
        {
            Description = "The folder to write; it must be new or empty.",
            HelpName = "folder",
            Required = true,
        };
        var command = new Command(
            "vectors", "Write golden vectors: stimulus, parameters, every register.");
        IEnumerable<Option> hardware = study.HardwareOf(Usual).Where(o => o.Name != ImagesOption);
        Option[] own =
            [layer, images, updates, mutate, output, data, cache, CommonOptions.Quiet()];
        foreach (Option option in hardware.Concat(own)) command.Add(option);
        Examples.AddTo(command, Help);
        command.SetAction((parsed, cancellation) =>
        {
            string folder = parsed.GetRequiredValue(output);
            TwinFolder.Check(folder);
            IReadOnlyList<int>? named = ImageIndices.Parse(
                parsed.GetRequiredValue(images), ImagesOption);
            StudySettings settings = study.Apply(
                new StudySettings { Profiles = [Usual] }, parsed);
            using TrainedHardware trained = TrainedHardware.Create(
                screen,
                StudyInputs.Read(
                    named is null ? settings : WithImages(settings, named),
                    DataFolders.Resolve(parsed.GetValue(data)), backend: null),
                named ?? [], parsed.GetValue(layer),
                CommonOptions.OpenCache(parsed.GetValue(cache)), cancellation);
            var request = new VectorRequest(
                parsed.GetValue(layer) is { } name
                    ? [trained.LayerIndex(name)]
                    : [.. Enumerable.Range(0, trained.Program.Layers.Length)],
                [.. (named ?? Enumerable.Range(0, trained.Images.Count)).Distinct()],
                parsed.GetValue(updates));
            Write(screen, trained, folder, request, parsed.GetValue(mutate), cancellation);
        });
        return command;
    }

    private static StudySettings WithImages(StudySettings settings, IReadOnlyList<int> named) =>
        settings with { Images = named.Max() + 1, IsImagesSaid = true };

    private static void Write(
        Screen screen, TrainedHardware trained, string folder, VectorRequest request, ulong seed,
        CancellationToken cancellation)
    {
        VectorManifest? manifest = null;
        ProgressDisplay.Run(screen, progress =>
        {
            progress.Begin("record registers");
            VectorSet set = VectorSet.Of(
                new(trained.Profile, trained.Program, i => trained.Tensors(i)), request,
                progress.Report, cancellation) with
            {
                Qsim = Surroundings.Host().Qsim,
            };
            progress.Begin("write vectors");
            manifest = VectorFolder.Write(folder, set, seed, progress.Report, cancellation);
        });
        new TextTable(
            ["array", "role", "sizes", "bits"],
            [
                .. manifest!.Arrays.Select(a => new[]
                {
                    Untrusted.Line(a.File), EnumWord.Of(a.Role),
                    string.Join('x', a.Shape), Text(a.Bits),
                }),
            ])
        {
            RightAligned = new HashSet<int> { 3 },
        }.Write(screen);
        WrongBit wrong = manifest.Mutated;
        screen.Line(
            $"{folder}: {manifest.Files.Count} files; mutated/ is wrong in {wrong.Array} "
                + $"[{wrong.Place}], bit {wrong.Bit}");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
