using System.CommandLine;
using QSim.Attacks.Evaluation;
using QSim.Runner.CommandLine;
using QSim.Runner.Data;
using QSim.Runner.Output;
using QSim.Runner.Output.Progress;
using QSim.Runner.Reports;
using QSim.Runner.Studies;
using QSim.Runner.Studies.Cells;
using QSim.Runner.Studies.Certifying;

namespace QSim.Runner.Commands;

/// <summary><c>qsim certify</c>: what is proved of hardware, image by image.</summary>
internal static class CertifyCommand
{
    private const string ExampleText = """
          qsim certify --profile int8-wide --epsilons 1/255,2/255,4/255
          qsim certify --profile int4 --certify bounds                milliseconds an image
          qsim certify --data mnist --network net.onnx --images 200 --seconds 60
          qsim certify --profile int8-wide --pixel-levels 255         8-bit images only
          qsim certify my-study.yaml --profile int4                   that study's network and budgets
          qsim certify --profile int8-wide --json --quiet | jq .cells

        For each image and budget: 'proved', no allowed image changes the decision of
        this hardware, on its own integers; 'broken', one does, and the hardware was run on it;
        'undecided', neither, with the stage that was too loose. Robust accuracy lies between the share
        proved and the share not broken. 'bounds' proves only; 'complete' also searches, up to --seconds
        an image. Whatever rounds at random cannot be certified. With --certificates each proof and each
        counterexample is written when it is found, and the same command checks and takes those that are
        there, after Ctrl-C, say; undecided images are searched again with more --seconds.
        """;

    /// <summary>Creates the command.</summary>
    public static Command Create(Screen screen)
    {
        var file = new Argument<string?>("study")
        {
            Description =
                "A study file (YAML), for its network, data, training, profiles, budgets and "
                    + "'certify'; options override what it says.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var study = new StudyOptions();
        var options = new CertifyOptions();
        var command = new Command(
            "certify", "Prove that no allowed image changes a decision, or find one that does.")
        {
            file,
        };
        foreach (Option option in study.Hardware
            .Concat(study.Named("norm", "epsilons", "pixel_levels"))
            .Concat(options.All))
            command.Add(option);
        CommonOptions.Describe(
            command, "--epsilons",
            "Budgets under the norm for pixels in [0, 1], as in 0.01,8/255 (default: the "
                + $"study's; if it has none, {UsualEpsilons(Norm.Linf)} under linf, "
                + $"{UsualEpsilons(Norm.L2)} under l2, {UsualEpsilons(Norm.L1)} under l1)."
                + CommonOptions.AsList);
        command.Add(CertifyCheckCommand.Create(screen));
        Examples.AddTo(command, ExampleText);
        command.SetAction((parsed, cancellation) =>
        {
            StudySettings asked = parsed.GetValue(file) is { } path
                ? StudyFile.Read(path).Settings
                : new();
            CertifySettings settings = options.Read(parsed, asked.Certify);
            StudyInputs inputs = StudyInputs.Read(
                WithBudgets(study.Apply(asked, parsed)),
                DataFolders.Resolve(settings.DataFolder));
            if (inputs.Settings.Seeds.Count > 1)
                throw new RequestException(
                    $"seeds: 'qsim certify' proves for one, not {inputs.Settings.Seeds.Count} "
                        + "(supported: --seed N; 'certify' in a study proves for each)");
            StudyCertification.Check(settings.Method, inputs.Settings.Norm);
            return Run(screen, inputs, settings, cancellation);
        });
        return command;
    }

    /// <summary>
    /// Proofs end far below the budgets that leave chance, which attacks go up to by themselves.
    /// </summary>
    private static StudySettings WithBudgets(StudySettings study) => !study.StopAtChance
        ? study
        : study with
        {
            Epsilons = EpsilonList.Parse(study.Norm, UsualEpsilons(study.Norm)),
            StopAtChance = false,
        };

    private static string UsualEpsilons(Norm norm) => norm switch
    {
        Norm.Linf => "1/255,2/255,4/255,8/255",
        Norm.L2 => "0.05,0.1,0.2,0.5",
        Norm.L1 => "0.1,0.2,0.5,1",
    };

    private static ExitCode Run(
        Screen screen, StudyInputs study, CertifySettings settings,
        CancellationToken cancellation)
    {
        StudyInputs inputs = study.ForSeed(study.Settings.Seed);
        ContentCache cache = CommonOptions.OpenCache(settings.Cache);
        var job = new CertifyJob(
            inputs, settings, cache,
            settings.Certificates is { } path
                ? CertificateFolder.Open(path, inputs.Resolve(), Surroundings.Host().Qsim)
                : null,
            cancellation);
        try
        {
            ProgressDisplay.Run(screen, job.Run);
        }
        finally
        {
            // What was finished is shown, too, where somebody stops it.
            foreach (string note in job.Notes) screen.Error(note);
            if (settings.PrintJson && job.Cells.Count > 0)
                screen.Document(
                    Json.Of(CertifyReport.Document(inputs.Settings, settings, job.Cells)));
            else
                CertifyReport.Write(screen, job.Cells);
        }

        return job.Cells.Count == 0 ? ExitCode.UsageError : ExitCode.Done;
    }
}
