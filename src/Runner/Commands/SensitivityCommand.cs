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
        options.AddSearchTo(command);
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
        string? unasked = study.Certify is not null ? "--certify: nothing is proved"
            : study.Cost is not null ? "--cost: nothing is priced"
            : study.TransferMatrix ? "--transfer-matrix: nothing is carried over"
            : null;
        if (unasked is not null) throw new RequestException($"{unasked} by sensitivity");
        string usual = study.Norm switch
        {
            Norm.Linf => "8/255",
            Norm.L2 => "0.5",
            Norm.L1 => "4",
        };
        return study with
        {
            Seeds = [study.Seed],
            Epsilons = study.StopAtChance
                ? EpsilonList.Parse(study.Norm, usual)
                : [.. study.Epsilons.Where(e => e.Value > 0)],
            StopAtChance = false,
        };
    }
}
