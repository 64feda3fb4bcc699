using System.CommandLine;
using QSim.Attacks.Evaluation;
using QSim.Runner.CommandLine;
using QSim.Runner.Output;
using QSim.Runner.Studies;

namespace QSim.Runner.Commands;

/// <summary><c>qsim sensitivity</c>: what one bit less costs, layer by layer.</summary>
internal static class SensitivityCommand
{
    private const string ExampleText = """
          qsim sensitivity --profile int8-acc-sat
          qsim sensitivity --profile mine.yaml --network net.onnx --data mine.npz --out bits
          qsim sensitivity --profile int4 --attacks fgsm --epsilons 8/255,16/255 --tolerance 0.5
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var options = new MeasuringOptions();
        var command = new Command(
            "sensitivity",
            "What one bit less costs: every stage of every layer by itself, ranked.");
        // Nothing is proved, priced or carried over here.
        options.AddSearchTo(
            command, "--certify", "--certify-nodes", "--certify-seconds", "--cost",
            "--cost-liberty", "--transfer-matrix");
        CommonOptions.Describe(
            command, "--profile",
            "The hardware profile, one: a shipped name or a YAML file, or from-model for what a "
                + "quantized network implies. It is needed.");
        CommonOptions.Describe(
            command, "--epsilons",
            "Budgets under the norm for pixels in [0, 1], as in 0.01,8/255 (default: "
                + $"{Usual(Norm.Linf)} under linf, {Usual(Norm.L2)} under l2, {Usual(Norm.L1)} "
                + "under l1). Clean images are always measured." + CommonOptions.AsList);
        CommonOptions.Describe(
            command, "--out",
            "Folder for the results (default: runs/sensitivity- and the profile's name). What an "
                + "unfinished one of the same question left in it goes on.");
        CommonOptions.Describe(
            command, "--json", "Print sensitivity.json instead of the table.");
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            StudyInputs inputs = options.Read(parsed, Asked(options.Study.Apply(parsed)));
            SessionOptions session = options.Session(parsed);
            var run = new SensitivitySession(screen, inputs, session with
            {
                OutputFolder = session.OutputFolder ?? Path.Combine(
                    Reports.RunDirectory.DefaultFolder,
                    $"sensitivity-{inputs.Profiles[0].Profile.Name}"),
            });
            return run.Run(cancellation);
        });
        return command;
    }

    /// <summary>One profile, one seed, and one budget where nobody names any.</summary>
    private static StudySettings Asked(StudySettings study)
    {
        if (study.Profiles.Count != 1)
            throw new RequestException(
                $"--profile: one profile is needed, not {study.Profiles.Count}");
        if (study.Recipe.IsPerProfile)
            throw new RequestException("training.quantize is not supported by sensitivity");
        return study with
        {
            Seeds = [study.Seed],
            Epsilons = study.StopAtChance
                ? EpsilonList.Parse(study.Norm, Usual(study.Norm))
                : [.. study.Epsilons.Where(e => e.Value > 0)],
            StopAtChance = false,
        };
    }

    private static string Usual(Norm norm) => norm switch
    {
        Norm.Linf => "8/255",
        Norm.L2 => "0.5",
        Norm.L1 => "4",
    };
}
