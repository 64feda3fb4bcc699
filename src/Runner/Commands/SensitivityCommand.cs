using System.CommandLine;
using QSim.Attacks.Evaluation;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
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
        var study = new StudyOptions();
        var backend = CommonOptions.Backend();
        var gradients = CommonOptions.Gradients();
        var threads = CommonOptions.Threads();
        Option<string?> folder = CommonOptions.DataFolder();
        var session = new SessionOptionList();
        var command = new Command(
            "sensitivity",
            "What one bit less costs: every stage of every layer by itself, ranked.");
        Option[] rest = [backend, gradients, threads, folder];
        foreach (Option option in study.All.Concat(rest).Concat(session.OfSearch))
            command.Add(option);
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            StudySettings settings = Asked(study.Apply(parsed));
            SessionOptions options = session.Read(parsed);
            StudyInputs inputs = StudyInputs.Read(
                settings, DataFolders.Resolve(parsed.GetValue(folder)), parsed.GetValue(backend),
                parsed.GetValue(gradients) ?? StudyInputs.Auto);
            var run = new SensitivitySession(screen, inputs, options with
            {
                Threads = CommonOptions.Checked(parsed.GetValue(threads)),
                OutputFolder = options.OutputFolder ?? Path.Combine(
                    Reports.RunDirectory.DefaultFolder,
                    $"sensitivity-{inputs.Profiles[0].Profile.Name}"),
            });
            return Task.Run(() => (int)run.Run(cancellation), CancellationToken.None);
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
        string usual = study.Norm switch
        {
            Norm.Linf => "8/255",
            Norm.L2 => "0.5",
            _ => "4",
        };
        return study with
        {
            Seeds = [study.Seed],
            Threats = [study.Threats[0]],
            Certify = null,
            Cost = null,
            TransferMatrix = false,
            Epsilons = study.StopAtChance
                ? EpsilonList.Parse(study.Norm, usual)
                : [.. study.Epsilons.Where(e => e.Value > 0)],
            StopAtChance = false,
        };
    }
}
