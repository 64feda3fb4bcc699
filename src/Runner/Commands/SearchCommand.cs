using System.CommandLine;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Search;
using QSim.Runner.Studies;

namespace QSim.Runner.Commands;

/// <summary><c>qsim search</c>: the cheapest hardware that still resists.</summary>
internal static class SearchCommand
{
    private const string ExampleText = """
          qsim search mine.yaml --dry-run            how many designs there are, and what they meet
          qsim search mine.yaml --out found          once more after Ctrl-C or worse: it goes on
          qsim run --profile found/profiles/front-1.yaml
          qsim run found/front/study.json --out again
        A study file with free keys and figures that are to be good:
          schema: qsim/study/1
          profiles: [int8-wide]                      where it starts
          sweep:
            weight.bits: [2..8]
            mac.accumulator.bits: [10..24]
            layers[type=dense].weight.bits: [2..8]   of a layer type, or [name=conv1] of a layer
          attacks: [fgsm, apgd-ce-50]
          search:
            objectives: [clean, worst at 8/255, area]
            constraints: [clean at most 0.5 points below float]
            evaluations: 200
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var file = new Argument<string>("study")
        {
            Description = "A study file (YAML) with 'sweep' and 'search'.",
        };
        var options = new MeasuringOptions();
        var command = new Command(
            "search", "Search for the cheapest hardware that still resists: a front of profiles.")
        {
            file,
        };
        options.AddSearchTo(command);
        CommonOptions.Describe(
            command, "--profile",
            "The hardware profile where the search starts (default: the study's).");
        CommonOptions.Describe(
            command, "--images",
            "Number of test images that the search sees, from the first (default: 500, or half of "
                + "all); the front is measured on images behind them.");
        CommonOptions.Describe(
            command, "--epsilons",
            "Budgets that the front is measured at, beside those of objectives and constraints."
                + CommonOptions.AsList);
        CommonOptions.Describe(
            command, "--out",
            "Folder for the results (default: runs/ and the study's name). An unfinished search "
                + "of the same question in it goes on.");
        CommonOptions.Describe(
            command, "--json", "Print search-results.json instead of the table.");
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            StudyFile written = StudyFile.Read(parsed.GetRequiredValue(file));
            var asked = new SearchInputs(
                options.Study.Apply(written.Settings, parsed),
                settings => options.Read(parsed, settings) with { File = written });
            SessionOptions session = options.Session(parsed);
            var search = new SearchSession(screen, asked, session with
            {
                OutputFolder = session.OutputFolder
                    ?? Path.Combine(Reports.RunDirectory.DefaultFolder, asked.Settings.Name),
            });
            return search.Run(cancellation);
        });
        return command;
    }
}
