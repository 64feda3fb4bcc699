using System.CommandLine;
using QSim.Kernels.Datapath;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Explanations;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Simulator;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles;
using QSim.Simulator.Profiles.Describing;

namespace QSim.Runner.Commands;

/// <summary>
/// <c>qsim profiles explain</c>: what a profile comes to, alone or with a network on it.
/// </summary>
internal static class ProfilesExplainCommand
{
    private static readonly Option<string?> Network = new("--network")
    {
        Description =
            "A network to put on it, layer by layer: one to train (digits-cnn, or for 28x28 "
                + "images mlp, lenet5) or a trained one's file.",
        HelpName = "name|path",
    };

    private static readonly Option<string?> Dataset = new("--data")
    {
        Description =
            "What to train or calibrate it on (default: digits, or mnist for 28x28 images).",
        HelpName = "name|path",
    };

    public static Command Create(Screen screen)
    {
        Argument<string> file = ProfileArgument.Of();
        Option<string?> folder = CommonOptions.DataFolder(),
            cache = CommonOptions.Cache();
        var command = new Command(
            "explain", "Show every stage of a profile, defaults resolved, widths computed.")
        {
            file,
            Network,
            Dataset,
            folder,
            cache,
            CommonOptions.Quiet(),
        };
        command.SetAction((parsed, cancellation) =>
        {
            string reference = parsed.GetRequiredValue(file);
            HardwareProfile profile = ProfileReader.Read(reference);
            Datapath datapath = DatapathCompiler.Compile(profile);
            if (parsed.GetValue(Network) is null && parsed.GetValue(Dataset) is not null)
                throw new RequestException("--data is for a network: name one with --network");
            // Refused before anything is shown.
            StudyInputs? inputs = parsed.GetValue(Network) is { } network
                ? StudyInputs.Read(
                    new StudySettings
                    {
                        Network = network,
                        Dataset = parsed.GetValue(Dataset) ?? UsualData(network),
                        Profiles = [reference],
                        Images = 1,
                    },
                    DataFolders.Resolve(parsed.GetValue(folder)), null)
                : null;
            ContentCache kept = CommonOptions.OpenCache(parsed.GetValue(cache));
            Explain(profile, datapath, screen);
            if (inputs is not null) ExplainLayers(inputs, kept, screen, cancellation);
        });
        return command;
    }

    /// <summary>Images that a network takes, of those that have a name.</summary>
    /// <exception cref="RequestException">It is no network's name.</exception>
    private static string UsualData(string network)
    {
        const string Small = "digits-cnn", Large = "lenet5";
        StudyNetwork.CheckName(network);
        return (NetworkFile.IsPath(network)
            ? InputOf(network, null) ?? InputOf(network, Small) ?? InputOf(network, Large)
            : NetworkPresets.Create(network).Input) is { Rows: 28, Columns: 28 }
            ? "mnist"
            : "digits";
    }

    /// <summary>
    /// What a file's network takes, where images are those of a preset; null where it cannot.
    /// </summary>
    private static TensorShape? InputOf(string file, string? preset)
    {
        try
        {
            return NetworkFile.Load(
                file, preset is null ? null : NetworkPresets.Create(preset).Input).Network.Input;
        }
        catch (InputException)
        {
            return null;
        }
    }

    private static void Explain(HardwareProfile profile, Datapath datapath, Screen screen)
    {
        screen.Line($"{profile.Name}: {profile.Summary}");
        screen.Line(
            $"sha256 {profile.Sha256} ({string.Join(" + ", profile.Files.Select(f => f.Name))})");
        screen.Line();
        new TextTable(
            ["key", "value", "from"],
            [
                .. ResolvedProfile
                    .Keys(profile)
                    .Where(k => k.Path is not ("source" or "summary"))
                    .Select(k => new[] { k.Path, k.Value, From(k) }),
            ]).Write(screen);
        screen.Line();
        foreach (string line in DatapathWidths.Describe(datapath))
            screen.Line(line);
    }

    private static void ExplainLayers(
        StudyInputs inputs, ContentCache cache, Screen screen, CancellationToken cancellation)
    {
        LayerRanges? ranges = null;
        ProgressDisplay.Run(
            screen,
            progress => ranges = LayerRanges.Measure(inputs, cache, progress, cancellation));
        screen.Line();
        ranges!.Stages().Write(screen);
        foreach (string line in ranges.Losses().DefaultIfEmpty(
            "All weights, biases, multipliers and tables kept within their formats."))
            screen.Line(line);
        screen.Line();
        ranges.Accumulators().Write(screen);
        foreach (string line in LayerRanges.Legend)
            screen.Line(line);
        screen.Line();
        ranges.Loops().Write(screen);
    }

    private static string From(ResolvedKey key) =>
        key.IsDefault ? "default" : $"{key.Origin.File}:{key.Origin.Line}";
}
