using System.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Explanations;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
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
            "A network to train and put on it, layer by layer: digits-cnn, or for 28x28 images "
                + "mlp, lenet5.",
        HelpName = "name",
    };

    private static readonly Option<string?> Dataset = new("--data")
    {
        Description = "What to train it on (default: digits, or mnist for 28x28 images).",
        HelpName = "name",
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
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                string reference = parsed.GetRequiredValue(file);
                HardwareProfile profile = ProfileReader.Read(reference);
                Datapath datapath = DatapathCompiler.Compile(profile);
                Explain(profile, datapath, screen);
                if (parsed.GetValue(Network) is { } network)
                {
                    string dataset =
                        parsed.GetValue(Dataset) ?? (network == "digits-cnn" ? "digits" : "mnist");
                    var settings = new StudySettings
                    {
                        Network = network,
                        Dataset = dataset,
                        Profiles = [reference],
                    };
                    ExplainLayers(
                        StudyInputs.Read(
                            settings with { Images = 1 },
                            DataFolders.Resolve(parsed.GetValue(folder)), null),
                        CommonOptions.OpenCache(parsed.GetValue(cache)),
                        screen,
                        cancellation);
                }

                return Task.CompletedTask;
            });
        return command;
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
            screen, quiet: false,
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
